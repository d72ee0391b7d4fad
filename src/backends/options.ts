import type { Runner } from '../runner/runner.js';
import {
  type Check,
  type Checks,
  countFromOneOrInfinity,
  duration,
  durationOrInfinity,
  hasMethod,
} from '../task/check.js';
import { RESTART_CHECKS } from '../task/options.js';
import type { AdoptOptions, Restart } from '../task/shapes.js';
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

/** What PostgreSQL has no text for: the character 0, and half of a surrogate pair. */
const UNKEPT = /\0|\p{Surrogate}/u;

/** What the database has an index of. */
function aKey(longest: number, example: string): Check {
  return {
    accepts: (value) =>
      typeof value === 'string' && value !== '' && value.length <= longest && !UNKEPT.test(value),
    wanted: `give a string of 1 to ${longest} characters, such as ${example}`,
  };
}

const { scheduler: _scheduler, ...RESTART } = RESTART_CHECKS;

const BROKER_CHECKS: Checks<ForBroker> = {
  priority: {
    accepts: (value) => Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 - 1,
    wanted: 'give a whole number of 32 bits',
  },
  group: aKey(200, 'the id of a tenant'),
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
  key: aKey(500, 'the id of an order'),
};

type ForBroker = Pick<SubmitOptions, 'priority' | 'group' | 'deadLetter' | 'expireIn' | 'client'>;

/** When a job is done again. Who says how says that it is. */
export function toRestart({ restart, ...given }: SubmitOptions): Restart {
  const { backoff, maxRestarts, resetAfter, within } = given;
  const says = [backoff, maxRestarts, resetAfter, within].some((each) => each !== undefined);
  return restart ?? (says ? 'on-failure' : 'never');
}

/** How a job's task is adopted. */
export function toAdoption(options: SubmitOptions): AdoptOptions {
  const { delay: _delay, key: _key, priority: _priority, ...others } = options;
  const { group: _group, deadLetter: _deadLetter, expireIn: _expireIn, ...more } = others;
  const { client: _client, ...given } = more;
  // Whoever is subscribed gets the error, so that the runner goes on.
  return { ...given, restart: toRestart(options), errors: 'deliver', flavour: 'async' };
}
