import type { SchedulerLike } from 'rxjs';
import {
  type Checks,
  aBoolean,
  aScheduler,
  anAbortSignal,
  duration,
  durationOrInfinity,
  oneOf,
} from '../task/check.js';

import type { ThreadOptions } from '../thread/options.js';
import type { ThreadScheduler } from '../thread/thread-scheduler.js';

/** Options of a runner. Times in ms. */
export interface RunnerOptions {
  /** How long an attempt may take to end before it's abandoned (a thread: terminated); Infinity waits for ever. @default 5_000 */
  readonly grace?: number;
  /** How long all of them together may take when the runner stops. @default 10_000 */
  readonly shutdownTimeout?: number;
  /** The clock and the timers of everything that the runner times. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
  /** Options of the runner's own threads, or a {@link ThreadScheduler} to be shared, which its maker closes. @default as many threads as there are cores */
  readonly threads?: ThreadOptions | ThreadScheduler;
}

/** Options of `run`. */
export interface RunOptions {
  /** Whether SIGTERM and SIGINT stop the runner (a second one at once). @default false */
  readonly signals?: boolean;
  /** Stops the runner when it aborts. */
  readonly signal?: AbortSignal;
  /** Whether to stop when all tasks have ended. @default 'stopped' */
  readonly until?: 'stopped' | 'idle';
}

export const RUNNER_CHECKS: Checks<RunnerOptions> = {
  grace: durationOrInfinity,
  shutdownTimeout: duration,
  scheduler: aScheduler,
  // What is in it is checked where it's used.
  threads: {
    accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    wanted: 'give an object of options, or a ThreadScheduler',
  },
};

export const RUN_CHECKS: Checks<RunOptions> = {
  signals: aBoolean,
  signal: anAbortSignal,
  until: oneOf('stopped', 'idle'),
};
