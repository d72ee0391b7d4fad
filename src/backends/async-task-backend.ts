import { BackendClosedError, RunnerStateError } from '../errors.js';
import { Runner } from '../runner/runner.js';
import { Fifo } from '../schedulers/fifo.js';
import { checkOptions } from '../task/check.js';
import { adoptJob, isDropped } from './adopt-job.js';
import { Executors } from './executors.js';
import { type Job, toJob } from './job.js';
import { ASYNC_CHECKS, type AsyncTaskBackendOptions, SUBMIT_CHECKS } from './options.js';
import { runOwn } from './run-own.js';
import type { Drained, Executor, SubmitOptions, TaskBackend } from './task-backend.js';
import { type TrackedJob, TrackedJobs } from './tracked-jobs.js';
import { warn } from './warn.js';
import { scheduleIn } from '../schedulers/schedule-in.js';

/**
 * Fires and tracks: `submit` returns before the job runs, `shutdown` waits for what is under way. The
 * jobs are in this process's memory, and gone with it.
 *
 *   submit ─▶ (delay) ─▶ waiting ─▶ running: a task of the runner ─▶ settled
 *
 * @throws {@link InvalidOptionError}
 */
export class AsyncTaskBackend<J extends Job = Job> implements TaskBackend<J> {
  readonly #executors = new Executors<J>();
  readonly #runner: Runner;
  readonly #isOurs: boolean;
  readonly #concurrency: number;
  readonly #shutdownTimeout: number;
  readonly #tracked = new TrackedJobs<J>();
  readonly #waiting = new Fifo<TrackedJob<J>>();
  readonly #unfinished: J[] = [];
  #running = 0;
  #state: 'new' | 'open' | 'closed' = 'new';
  #closing: Promise<Drained> | undefined;

  constructor(options: AsyncTaskBackendOptions = {}) {
    checkOptions(options, ASYNC_CHECKS);
    const { runner, concurrency = Infinity, shutdownTimeout = 30_000 } = options;
    this.#runner = runner ?? new Runner();
    this.#isOurs = !runner;
    this.#concurrency = concurrency;
    this.#shutdownTimeout = shutdownTimeout;
  }

  get inflight(): number {
    return this.#tracked.size;
  }

  setExecutor(executor: Executor<J>): void;
  setExecutor(type: J['type'], executor: Executor<J>): void;
  setExecutor(typeOrExecutor: string | Executor<J>, executor?: Executor<J>): void {
    this.#executors.set(typeOrExecutor, executor);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is to reject
  async initialize(): Promise<void> {
    if (this.#closing) throw new BackendClosedError();
    this.#open();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is to reject
  async submit(given: J, options: SubmitOptions = {}): Promise<string> {
    this.#checkOpen();
    const job = toJob(given);
    checkOptions(options, SUBMIT_CHECKS);
    if (this.#state === 'new') {
      warn('RXVISOR_NOT_INITIALIZED', 'a job has come before initialize(): it runs all the same');
      this.#open();
    }
    const known = this.#tracked.idOf(options);
    if (known !== undefined) return known;
    const tracked = this.#tracked.add(job, options);
    const { delay = 0 } = options;
    if (delay === 0) this.#enqueue(tracked);
    else {
      tracked.delay = scheduleIn(delay, () => {
        this.#enqueue(tracked);
      });
    }
    return tracked.id;
  }

  shutdown(): Promise<Drained> {
    return (this.#closing ??= this.#shutdown());
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw new BackendClosedError();
    const { state } = this.#runner;
    if (state === 'stopping' || state === 'stopped') {
      throw new RunnerStateError(state, `the runner of this backend is ${state}: make another one`);
    }
  }

  #open(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    if (this.#isOurs) void runOwn(this.#runner);
  }

  #enqueue(tracked: TrackedJob<J>): void {
    this.#waiting.push(tracked);
    this.#proceed();
  }

  #proceed(): void {
    while (this.#running < this.#concurrency && this.#state === 'open') {
      const tracked = this.#waiting.shift();
      if (!tracked) return;
      this.#begin(tracked);
    }
  }

  #begin(tracked: TrackedJob<J>): void {
    const { job, options } = tracked;
    if (isDropped(this.#executors, job)) {
      this.#tracked.delete(tracked);
      return;
    }
    const ended = () => {
      this.#running--;
      // The runner was stopped, and the job with it.
      if (this.#isStopping) this.#unfinished.push(job);
      this.#tracked.delete(tracked);
      this.#proceed();
    };
    try {
      const task$ = adoptJob(this.#runner, this.#executors, job, options, ended);
      this.#running++;
      tracked.stop = () => task$.stop(TIME_IS_UP);
    } catch {
      // The runner takes nothing any more.
      this.#unfinished.push(job);
      this.#tracked.delete(tracked);
    }
  }

  get #isStopping(): boolean {
    return (
      this.#state === 'closed' ||
      this.#runner.state === 'stopping' ||
      this.#runner.state === 'stopped'
    );
  }

  async #shutdown(): Promise<Drained> {
    await new Promise<void>((resolve) => {
      this.#tracked.whenEmpty(this.#shutdownTimeout, () => {
        this.#state = 'closed';
        resolve();
      });
    });
    await this.#stopTheRest();
    const unfinished = Object.freeze([...this.#unfinished]);
    if (unfinished.length > 0) {
      const types = [...new Set(unfinished.map(({ type }) => `"${type}"`))].join(', ');
      warn('RXVISOR_JOBS_UNFINISHED', `${unfinished.length} jobs were not done: ${types}`);
    }
    return { unfinished };
  }

  async #stopTheRest(): Promise<void> {
    const rest = this.#tracked.list();
    for (const tracked of rest) if (!tracked.stop) this.#giveUp(tracked);
    if (this.#isOurs) await this.#runner.shutdown(rest.length > 0 ? TIME_IS_UP : undefined);
    else await Promise.all(rest.map(async ({ stop }) => stop?.()));
  }

  #giveUp(tracked: TrackedJob<J>): void {
    tracked.delay?.unsubscribe();
    this.#unfinished.push(tracked.job);
    this.#tracked.delete(tracked);
  }
}

const TIME_IS_UP = 'the time for a shutdown was up';
