import { InvalidOptionError } from '../../errors.js';
import { LOST_AT_MOST } from './lost-at-most.js';
import type { Boss } from '../pg-boss.js';
import type { StoredJob } from './stored-job.js';

/** Options of `schedule`. */
export interface ScheduleOptions {
  /** The zone whose clock it goes by: `'Europe/Zurich'`. @default 'UTC' */
  readonly tz?: string;
}

/** Jobs that come again and again, once each time, however many backends there are. */
export class Schedules {
  readonly #boss: Boss;
  readonly #queue: string;

  constructor(boss: Boss, queue: string) {
    this.#boss = boss;
    this.#queue = queue;
  }

  /** @returns A promise that rejects with {@link InvalidOptionError} for what is no cron expression, or no zone. */
  async set(name: string, cron: string, stored: StoredJob, tz = 'UTC'): Promise<void> {
    const options = {
      tz,
      key: name,
      // One that is still waiting or running when its time comes again is the one for that time, too.
      singletonKey: `@${name}`,
      retryLimit: LOST_AT_MOST,
      retryDelay: 0,
    };
    try {
      await this.#boss.schedule(this.#queue, cron, stored, options);
    } catch (error) {
      // What it says of a connection is no matter of the expression.
      if (typeof (error as { code?: unknown }).code === 'string') throw error;
      throw new InvalidOptionError('cron', cron, `${String(error)} (in the zone ${tz})`);
    }
  }

  async remove(name: string): Promise<void> {
    await this.#boss.unschedule(this.#queue, name);
  }
}
