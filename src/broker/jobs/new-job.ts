import { LOST_AT_MOST } from './lost-at-most.js';
import type { StoredJob } from './stored-job.js';
import { FOR_EVER } from './tables.js';

/** A job that is to be kept. */
export interface NewJob {
  readonly id: string;
  readonly stored: StoredJob;
  /** In seconds. */
  readonly delay: number;
  readonly key: string;
  readonly deadLetter?: string;
}

/** How long a machine has to stop an attempt whose time is up, in seconds, before it's taken for lost. */
const EXPIRY_GRACE = 10;

/** As pg-boss takes it. */
export function toRow({ id, stored, delay, key, deadLetter }: NewJob): object {
  const { expireIn, priority, group } = stored;
  return {
    id,
    data: stored,
    singletonKey: key,
    ...(delay > 0 && { startAfter: delay }),
    ...(priority !== undefined && { priority }),
    ...(group !== undefined && { group: { id: group } }),
    ...(deadLetter !== undefined && { deadLetter }),
    ...(expireIn !== undefined && {
      expireInSeconds: Math.min(expireIn + EXPIRY_GRACE, FOR_EVER),
    }),
    retryLimit: LOST_AT_MOST,
    retryDelay: 0,
  };
}
