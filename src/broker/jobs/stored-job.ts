import type { Job } from '../../backends/job.js';
import { toRestart } from '../../backends/options.js';
import type { SubmitOptions } from '../../backends/task-backend.js';
import { LONGEST_DELAY } from '../../schedulers/alarm.js';
import { peek } from '../../show.js';
import { exponential } from '../../supervise/backoff.js';
import type { KeptReason } from './reason-json.js';

/** A job as it's kept in the database. */
export interface StoredJob {
  readonly job: Job;
  /** Which backend has submitted it. */
  readonly by: string;
  /** None: it's not done again. */
  readonly again?: Again;
  /** When it was submitted, by the clock of whoever did, in ms. */
  readonly at: number;
  readonly priority?: number;
  readonly group?: string;
  /** How long an attempt may take, in seconds. None: as long as it likes. */
  readonly expireIn?: number;
  /** Whether somebody is subscribed to what it emits. */
  readonly isExecuted?: boolean;
  /** Why it's not to be done any more. */
  readonly cancelled?: KeptReason;
}

/** When it's done again. */
export interface Again {
  readonly after: 'failure' | 'any';
  /** How often at the most; none: for ever. */
  readonly most?: number;
  /** Delays before the first times that it's done again, in whole seconds; the last one goes on. */
  readonly delays: readonly number[];
}

/** A job that this process has claimed. */
export interface Claimed extends StoredJob {
  readonly id: string;
  /** How often it was claimed before: it tells one attempt from the next. */
  readonly retryCount: number;
  /** Whether the machine that had it before was lost. */
  readonly wasLost: boolean;
  /** Of all that is kept of it, in bytes as PostgreSQL keeps it. */
  readonly size: number;
}

/** Whether it's one of ours: anybody may write into the table. */
export function isStored(data: Partial<StoredJob>): data is StoredJob {
  const { job, by, again } = data as Partial<Record<keyof StoredJob, unknown>>;
  const isJob = typeof peek(job, 'type') === 'string' && typeof by === 'string';
  return isJob && (again === undefined || Array.isArray(peek(again, 'delays')));
}

/** How a job is kept that is submitted with these options. */
export function toStored(job: Job, by: string, options: SubmitOptions): StoredJob {
  const { expireIn = Infinity, priority, group } = options;
  const again = toAgain(options);
  return {
    job,
    by,
    at: performance.timeOrigin + performance.now(),
    ...(again && { again }),
    ...(priority !== undefined && { priority }),
    ...(group !== undefined && { group }),
    ...(expireIn < Infinity && { expireIn: toSeconds(expireIn) }),
  };
}

/** In which order those that are claimed at once are begun: the database says them in any. */
export const inOrder = (a: StoredJob, b: StoredJob): number =>
  (b.priority ?? 0) - (a.priority ?? 0) || a.at - b.at;

/** How many delays are kept: by then, any backoff has come to its end. */
const KEPT = 16;

/** A backoff is a function, which can't be kept: what it says is. */
function toAgain(options: SubmitOptions): Again | undefined {
  const restart = toRestart(options);
  if (restart === 'never') return undefined;
  const { backoff: delayOf = exponential(), maxRestarts } = options;
  const count = Math.min(maxRestarts ?? KEPT, KEPT);
  return {
    after: restart === 'always' ? 'any' : 'failure',
    ...(maxRestarts !== undefined && maxRestarts < Infinity && { most: maxRestarts }),
    delays: Array.from({ length: count }, (_, n) => toSeconds(delayOf(n + 1))),
  };
}

/** In how many seconds it's done again for the nth time; none if it isn't. */
export function delayAfter({ most = Infinity, delays }: Again, n: number): number | undefined {
  return n > most ? undefined : delays[Math.min(n, delays.length) - 1];
}

/** Rounded up, for the database counts in whole seconds. No number at all is the longest time of a timer. */
export function toSeconds(ms: number): number {
  const time = Number.isFinite(ms) ? Math.max(ms, 0) : LONGEST_DELAY;
  return Math.min(Math.ceil(time / 1_000), LONGEST);
}

const LONGEST = 2 ** 31 - 1;
