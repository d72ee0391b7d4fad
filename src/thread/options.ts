import { availableParallelism } from 'node:os';
import type { ResourceLimits, WorkerOptions } from 'node:worker_threads';
import {
  type Check,
  type Checks,
  countFromOne,
  countFromOneOrInfinity,
  countOrInfinity,
  durationOrInfinity,
} from '../task/check.js';
import { SEATS } from './seats.js';

/** Options of a pool of threads. Times in ms. */
export interface ThreadOptions {
  /** How many threads the executions share. Adopted tasks own theirs, beside these. @default availableParallelism() */
  readonly size?: number;
  /** How many payloads one thread may run at a time, of which all but one wait for something. @default 1 */
  readonly overlap?: number;
  /** How long a thread without anything to run is kept; Infinity for ever. @default 30_000 */
  readonly idleTimeout?: number;
  /** How many executions may wait for a thread; one more is refused. @default Infinity */
  readonly maxQueue?: number;
  /** After how many payloads a thread is replaced. @default Infinity */
  readonly maxRuns?: number;
  /** How long a thread may take to start, and a module to load; Infinity for ever. @default 10_000 */
  readonly startTimeout?: number;
  /** As of `worker_threads`. @default none */
  readonly resourceLimits?: ResourceLimits;
  /** As of `worker_threads`. @default a copy of process.env */
  readonly env?: NonNullable<WorkerOptions['env']>;
  /** As of `worker_threads`. @default those of this process */
  readonly execArgv?: readonly string[];
}

/** The same, settled. */
export type ThreadSettings = Required<Omit<ThreadOptions, 'resourceLimits' | 'env' | 'execArgv'>> &
  Pick<ThreadOptions, 'resourceLimits' | 'env' | 'execArgv'>;

export const toSettings = ({
  size = availableParallelism(),
  overlap = 1,
  idleTimeout = 30_000,
  maxQueue = Infinity,
  maxRuns = Infinity,
  startTimeout = 10_000,
  ...others
}: ThreadOptions): ThreadSettings => ({
  size,
  overlap,
  idleTimeout,
  maxQueue,
  maxRuns,
  startTimeout,
  ...others,
});

const LIMITS = [
  'maxOldGenerationSizeMb',
  'maxYoungGenerationSizeMb',
  'codeRangeSizeMb',
  'stackSizeMb',
];
const isLimit = ([limit, value]: [string, unknown]) =>
  LIMITS.includes(limit) && (value === undefined || (typeof value === 'number' && value > 0));

/** As `worker_threads` has it, which is not to be loaded for this. */
const SHARE_ENV = Symbol.for('nodejs.worker_threads.SHARE_ENV');

const anObject: Check = {
  accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  wanted: 'give an object, as for a Worker of node:worker_threads',
};

export const THREAD_CHECKS: Checks<ThreadOptions> = {
  size: countFromOne,
  overlap: {
    accepts: (value) => countFromOne.accepts(value) && (value as number) <= SEATS,
    wanted: `give a whole number, from 1 to ${SEATS}`,
  },
  idleTimeout: durationOrInfinity,
  maxQueue: countOrInfinity,
  maxRuns: countFromOneOrInfinity,
  startTimeout: durationOrInfinity,
  resourceLimits: {
    accepts: (value) => anObject.accepts(value) && Object.entries(value as object).every(isLimit),
    wanted: `give an object with some of ${LIMITS.join(', ')}, each a number above 0`,
  },
  env: {
    accepts: (value) => value === SHARE_ENV || anObject.accepts(value),
    wanted: 'give an object of strings, or SHARE_ENV of node:worker_threads',
  },
  execArgv: {
    accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    wanted: "give an array of strings, such as ['--enable-source-maps']",
  },
};
