import type { Restart, RestartOptions, TaskContext } from '../task/shapes.js';
import type { Job } from './job.js';

/** Does a job: returns whatever a function payload may. Called once per attempt. */
export type Executor<J extends Job = Job> = (job: J, context: TaskContext) => unknown;

/**
 * How one job is run, in the words of `supervise`. Times in ms. A broker asks `backoff` when the job is
 * submitted, and counts `maxRestarts` over the job's life, whatever `within` and `resetAfter` say.
 */
export interface SubmitOptions extends Omit<RestartOptions, 'scheduler'> {
  /**
   * As it is for any task; a job is restarted on failure if `backoff`, `maxRestarts` or the like says
   * how, without saying whether.
   *
   * @default 'never'
   */
  readonly restart?: Restart;
  /** How long it waits before it's due. @default 0 */
  readonly delay?: number;
  /** Of jobs with the same key there's one, waiting or running: submitting another one finds that. */
  readonly key?: string;

  // What only a broker can do. A backend within the process takes it and does without.

  /** Of the jobs that wait, those with the highest are begun first. A whole number. @default 0 */
  readonly priority?: number;
  /**
   * Whose job it is, such as a tenant's. Groups take turns, so that none that has many jobs holds up the
   * others: of the jobs of the same priority, those of the group that has the fewest running are begun
   * first. Those without a group take turns as one more.
   */
  readonly group?: string;
  /** The queue that takes it when it has failed for good. @default `<queue>.dead` */
  readonly deadLetter?: string;
  /**
   * How long an attempt may take, in ms: then it's stopped, and has failed. A database counts in whole
   * seconds, rounded up.
   *
   * @default Infinity
   */
  readonly expireIn?: number;
  /**
   * A client of node-postgres, inside a transaction of the caller's: the job is there when that is
   * committed, and never was if it's rolled back. Such a job is not counted in `inflight`.
   */
  readonly client?: TransactionClient;
}

/** What is asked of a client of node-postgres. */
export interface TransactionClient {
  query(
    text: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

/** What is left when a backend has shut down. */
export interface Drained {
  /** Jobs that were not done: they still waited, or were stopped when the time was up. */
  readonly unfinished: readonly Job[];
}

/**
 * Where jobs run. They're told in the `events$` of a runner as tasks, `job:<type>`; what they fail with
 * is told there and as a warning of the process, and kept from whoever has submitted them.
 */
export interface TaskBackend<J extends Job = Job> {
  /** How many jobs have been submitted here and are not settled. */
  readonly inflight: number;
  /** Says who does the jobs, all of them or those of one type. Without anybody they're dropped, with a warning. */
  setExecutor(executor: Executor<J>): void;
  setExecutor(type: J['type'], executor: Executor<J>): void;
  initialize(): Promise<void>;
  /**
   * Takes a job over.
   *
   * @returns A promise of its id. It rejects with {@link InvalidPayloadError} for what is no job, with
   *   {@link InvalidOptionError}, and with {@link BackendClosedError} after `shutdown`.
   */
  submit(job: J, options?: SubmitOptions): Promise<string>;
  /**
   * Has all jobs done, those submitted meanwhile included, then closes for good. Never rejects. A job may
   * call it, and must not wait for it: it waits for that job.
   */
  shutdown(): Promise<Drained>;
}
