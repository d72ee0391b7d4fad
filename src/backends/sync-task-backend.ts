import { BackendClosedError } from '../errors.js';
import { Runner } from '../runner/runner.js';
import { checkOptions } from '../task/check.js';
import { adoptJob, isDropped } from './adopt-job.js';
import { Executors } from './executors.js';
import { type Job, toJob } from './job.js';
import { LOCAL_CHECKS, type LocalOptions, SUBMIT_CHECKS } from './options.js';
import { runOwn } from './run-own.js';
import type { Drained, Executor, SubmitOptions, TaskBackend } from './task-backend.js';

/**
 * Does each job where it's submitted, and has the submitter wait until it's done: for tests, and for
 * programs that end with their work. Only a job keeps the process alive. It needs no `initialize`, knows
 * no `delay`, and finds no other job with the same `key`, for the submitter of that waits, too.
 *
 * @throws {@link InvalidOptionError}
 */
export class SyncTaskBackend<J extends Job = Job> implements TaskBackend<J> {
  readonly #executors = new Executors<J>();
  readonly #runner: Runner | undefined;
  readonly #running = new Set<Promise<void>>();
  #lastId = 0;
  #isClosed = false;

  constructor(options: LocalOptions = {}) {
    checkOptions(options, LOCAL_CHECKS);
    this.#runner = options.runner;
  }

  get inflight(): number {
    return this.#running.size;
  }

  setExecutor(executor: Executor<J>): void;
  setExecutor(type: J['type'], executor: Executor<J>): void;
  setExecutor(typeOrExecutor: string | Executor<J>, executor?: Executor<J>): void {
    this.#executors.set(typeOrExecutor, executor);
  }

  initialize(): Promise<void> {
    return this.#isClosed ? Promise.reject(new BackendClosedError()) : Promise.resolve();
  }

  async submit(given: J, options: SubmitOptions = {}): Promise<string> {
    if (this.#isClosed) throw new BackendClosedError();
    const job = toJob(given);
    checkOptions(options, SUBMIT_CHECKS);
    const id = String(++this.#lastId);
    if (isDropped(this.#executors, job)) return id;
    const running = this.#run(job, options);
    this.#running.add(running);
    try {
      await running;
    } finally {
      this.#running.delete(running);
    }
    return id;
  }

  async shutdown(): Promise<Drained> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#isClosed = true;
    return { unfinished: [] };
  }

  async #run(job: J, options: SubmitOptions): Promise<void> {
    const runner = this.#runner ?? new Runner();
    const done = new Promise<void>((resolve) => {
      adoptJob(runner, this.#executors, job, options, resolve);
    });
    if (this.#runner) return done;
    // A runner for one job, which is gone when that is done.
    await runOwn(runner, { until: 'idle' });
  }
}
