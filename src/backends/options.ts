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

/** Of a queue in a broker. */
export const aQueueName: Check = {
  accepts: (value) => typeof value === 'string' && /^[\w.-]{1,200}$/.test(value),
  wanted: 'give a name of letters, digits, _, . and -',
};

const { scheduler: _scheduler, ...RESTART } = RESTART_CHECKS;

const BROKER_CHECKS: Checks<ForBroker> = {
  priority: {
    accepts: (value) => Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 - 1,
    wanted: 'give a whole number of 32 bits',
  },
  deadLetter: aQueueName,
  expireIn: {
    accepts: (value) => typeof value === 'number' && value > 0,
    wanted: 'give milliseconds as a number greater than 0, or Infinity',
  },
  client: {
    accepts: (value) => hasMethod(value, 'query'),
    wanted: 'give a client of node-postgres, inside a transaction',
  },
};

export const SUBMIT_CHECKS: Checks<SubmitOptions> = {
  ...RESTART,
  ...BROKER_CHECKS,
  delay: duration,
  key: aName,
};

type ForBroker = Pick<SubmitOptions, 'priority' | 'deadLetter' | 'expireIn' | 'client'>;

type Restarting = Omit<SubmitOptions, 'delay' | 'key' | keyof ForBroker>;

/** How a job's task is adopted. Who says how it's restarted says that it is. */
export function toAdoption(options: SubmitOptions): AdoptOptions {
  const { delay: _delay, key: _key, priority: _priority, ...others } = options;
  const { deadLetter: _deadLetter, expireIn: _expireIn, client: _client, ...given } = others;
  const says = Object.values<unknown>(given satisfies Restarting).some(
    (each) => each !== undefined,
  );
  // Whoever is subscribed gets the error, so that the runner goes on.
  return { restart: says ? 'on-failure' : 'never', ...given, errors: 'deliver', flavour: 'async' };
}
