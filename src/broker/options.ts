import { InvalidOptionError } from '../errors.js';
import type { Runner } from '../runner/runner.js';
import {
  type Checks,
  aName,
  checkOptions,
  countFromOneOrInfinity,
  durationOrInfinity,
  hasMethod,
} from '../task/check.js';
import { ASYNC_CHECKS, aQueueName } from '../backends/options.js';
import type { PgPool } from './pg-boss.js';

/** Where the database is that none is given for: one entry in the working directory. */
export const DATA_DIR = '.rxvisor/jobs';

/** Options of `BrokerTaskBackend`: a `connectionString`, a `pool`, or an embedded database. Times in ms. */
export interface BrokerTaskBackendOptions {
  /** Of a PostgreSQL: `postgres://user:password@host:port/database`. */
  readonly connectionString?: string;
  /** Of node-postgres, instead of a `connectionString`. Whoever has made it ends it. */
  readonly pool?: PgPool;
  /**
   * The folder of the embedded database, which is used where no other one is given; `memory://` keeps
   * nothing. It's for one process at a time, and for one backend in that. What it has taken survives the
   * end of that process, by `kill -9`, too, and may not survive a power cut: nothing is synced to the disk.
   *
   * @default '.rxvisor/jobs'
   */
  readonly dataDir?: string;
  /** In which schema the tables are. @default 'rxvisor' */
  readonly schema?: string;
  /** Which jobs it's about: those of other queues are somebody else's. @default 'default' */
  readonly queue?: string;
  /** How many jobs may run at a time in this process. @default 10 */
  readonly concurrency?: number;
  /**
   * How many jobs of the queue may run at a time in all processes together. It's never exceeded, if all
   * backends that do jobs of the queue are given the same: those of a process that has died count until
   * they're given up, some 12 to 30 s, and so do those of one that has lost the database for less.
   *
   * @default Infinity
   */
  readonly fleetConcurrency?: number;
  /**
   * How many jobs of one `group` may run at a time, in the same way. Those without a group have no such limit.
   *
   * @default Infinity
   */
  readonly groupConcurrency?: number;
  /**
   * How long `initialize` tries to reach the database before it rejects. `Infinity`: for as long as it
   * takes, told as `backend-down` and `backend-up`.
   *
   * @default 3_000
   */
  readonly startTimeout?: number;
  /** How long `shutdown` waits for what runs here, before it stops that and gives it back. @default 30_000 */
  readonly shutdownTimeout?: number;
  /** Whose tasks the jobs are. Shut the backend down before it. @default one of its own */
  readonly runner?: Runner;
}

/** What is wanted as a connection string. */
export const CONNECTION_STRING = "give one like 'postgres://user:password@host:5432/database'";

const SCHEME = /^(postgres|postgresql|socket):|^\//;

const BROKER_CHECKS: Checks<BrokerTaskBackendOptions> = {
  ...ASYNC_CHECKS,
  concurrency: countFromOneOrInfinity,
  fleetConcurrency: countFromOneOrInfinity,
  groupConcurrency: countFromOneOrInfinity,
  connectionString: aName,
  startTimeout: durationOrInfinity,
  pool: {
    accepts: (value) => hasMethod(value, 'query') && hasMethod(value, 'connect'),
    wanted: 'give a Pool of node-postgres',
  },
  dataDir: {
    accepts: (value) => aName.accepts(value) && !isOtherAddress(String(value)),
    wanted: "give the path of a folder, or 'memory://'",
  },
  schema: {
    accepts: isName(/^[a-z_][a-z0-9_]{0,49}$/),
    wanted: 'give a name of small letters, digits and _',
  },
  queue: aQueueName,
};

const isOtherAddress = (dataDir: string) =>
  /^[a-z][\w+.-]+:\/\//i.test(dataDir) && !dataDir.startsWith('memory://');

function isName(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value);
}

/** @throws {@link InvalidOptionError} */
export function checkBrokerOptions(options: BrokerTaskBackendOptions): void {
  // A value that's wrong may hold a password, so it isn't said.
  const { connectionString } = options as { connectionString?: unknown };
  if (connectionString !== undefined && typeof connectionString !== 'string') {
    throw new InvalidOptionError('connectionString', typeof connectionString, 'give a string');
  }
  if (connectionString !== undefined && !SCHEME.test(connectionString)) {
    throw new InvalidOptionError('connectionString', 'malformed', CONNECTION_STRING);
  }
  checkOptions(options, BROKER_CHECKS);
  const { max = Infinity } = options.pool?.options ?? {};
  if (max < 2) {
    const why = 'give one of 2 or more connections: one of them only listens';
    throw new InvalidOptionError('pool', `of ${max} connection`, why);
  }
  const [first, second] = PLACES.filter((place) => options[place] !== undefined);
  if (first && second) {
    throw new InvalidOptionError(second, `given beside ${first}`, 'give one of them');
  }
}

const PLACES = ['connectionString', 'pool', 'dataDir'] as const;
