import type { Restart, RestartOptions, TaskContext } from '../task/shapes.js';
import type { Job } from './job.js';

/** Does a job: returns whatever a function payload may. Called once per attempt. */
export type Executor<J extends Job = Job> = (job: J, context: TaskContext) => unknown;

/** How one job is run, in the words of `supervise`. Times in ms. */
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
  /** Has all jobs done, those submitted meanwhile included, then closes for good. Never rejects. */
  shutdown(): Promise<Drained>;
}
