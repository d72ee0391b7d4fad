import type { Runner } from '../runner/runner.js';
import {
  type Check,
  type Checks,
  aName,
  countFromOneOrInfinity,
  duration,
  durationOrInfinity,
  hasMethod,
} from '../task/check.js';
import { RESTART_CHECKS } from '../task/options.js';
import type { AdoptOptions } from '../task/shapes.js';
import type { SubmitOptions } from './task-backend.js';

/** Options of a backend within this process. */
export interface LocalOptions {
  /** Whose tasks the jobs are. Shut the backend down before it. @default one of its own */
  readonly runner?: Runner;
}

/** Options of `AsyncTaskBackend`. */
export interface AsyncTaskBackendOptions extends LocalOptions {
  /** How long `shutdown` waits for what is under way, in ms, before it stops the rest. @default 30_000 */
  readonly shutdownTimeout?: number;
  /** How many jobs may run at a time. @default Infinity */
  readonly concurrency?: number;
}

const aRunner: Check = {
  accepts: (value) => hasMethod(value, 'adopt') && hasMethod(value, 'shutdown'),
  wanted: 'give a Runner',
};

export const LOCAL_CHECKS: Checks<LocalOptions> = { runner: aRunner };

export const ASYNC_CHECKS: Checks<AsyncTaskBackendOptions> = {
  ...LOCAL_CHECKS,
  shutdownTimeout: durationOrInfinity,
  concurrency: countFromOneOrInfinity,
};

const { scheduler: _scheduler, ...RESTART } = RESTART_CHECKS;

export const SUBMIT_CHECKS: Checks<SubmitOptions> = { ...RESTART, delay: duration, key: aName };

type Restarting = Omit<SubmitOptions, 'delay' | 'key'>;

/** How a job's task is adopted. Who says how it's restarted says that it is. */
export function toAdoption({ delay: _delay, key: _key, ...given }: SubmitOptions): AdoptOptions {
  const says = Object.values<unknown>(given satisfies Restarting).some(
    (each) => each !== undefined,
  );
  // Whoever is subscribed gets the error, so that the runner goes on.
  return { restart: says ? 'on-failure' : 'never', ...given, errors: 'deliver', flavour: 'async' };
}
