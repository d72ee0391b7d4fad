import { Executors } from '../backends/executors.js';
import { type Job, toJob } from '../backends/job.js';
import { SUBMIT_CHECKS } from '../backends/options.js';
import type { Drained, Executor, SubmitOptions, TaskBackend } from '../backends/task-backend.js';
import { warn } from '../backends/warn.js';
import { BackendClosedError, RunnerStateError } from '../errors.js';
import { Runner } from '../runner/runner.js';
import { checkOptions } from '../task/check.js';
import { openDatabase } from './open-database.js';
import { type BrokerTaskBackendOptions, checkBrokerOptions } from './options.js';
import { Session } from './session.js';
import { Store } from './store.js';

/**
 * Keeps jobs in a PostgreSQL, for as many processes as there are, on as many machines: each claims what
 * it has places for. A job is done at least once, and by one at a time.
 *
 *   submit ─▶ Submitted ─▶ Store ═ PostgreSQL ═▶ Store ─▶ Work ─▶ Doing: a task of the runner
 *                │                                                  │
 *                └───────────── settled: told by NOTIFY ◀───────────┘
 *
 * Without an executor it only submits: nothing is claimed, and nothing is dropped.
 *
 * @throws {@link InvalidOptionError}
 */
export class BrokerTaskBackend<J extends Job = Job> implements TaskBackend<J> {
  readonly #options: BrokerTaskBackendOptions;
  readonly #executors = new Executors<J>();
  readonly #runner: Runner;
  #opening: Promise<void> | undefined;
  #session: Session<J> | undefined;
  #closing: Promise<Drained> | undefined;

  constructor(options: BrokerTaskBackendOptions = {}) {
    checkBrokerOptions(options);
    this.#options = options;
    this.#runner = options.runner ?? new Runner();
  }

  get inflight(): number {
    return this.#session?.inflight ?? 0;
  }

  setExecutor(executor: Executor<J>): void;
  setExecutor(type: J['type'], executor: Executor<J>): void;
  setExecutor(typeOrExecutor: string | Executor<J>, executor?: Executor<J>): void {
    this.#executors.set(typeOrExecutor, executor);
    this.#session?.work();
  }

  /**
   * Connects, and installs the tables if they aren't there.
   *
   * @returns A promise that rejects with what the database says, and with {@link MissingPackageError}.
   */
  async initialize(): Promise<void> {
    if (this.#closing) throw new BackendClosedError();
    await (this.#opening ??= this.#open());
  }

  /** As for any backend; it rejects with {@link RunnerStateError} before `initialize`, too. */
  async submit(given: J, options: SubmitOptions = {}): Promise<string> {
    if (this.#session?.isClosed ?? this.#closing) throw new BackendClosedError();
    if (!this.#session) {
      throw new RunnerStateError('idle', 'this backend has no database yet: await initialize()');
    }
    const job = toJob(given);
    checkOptions(options, SUBMIT_CHECKS);
    return this.#session.submit(job, options);
  }

  shutdown(): Promise<Drained> {
    return (this.#closing ??= this.#shutdown());
  }

  async #open(): Promise<void> {
    const { schema = 'rxvisor', queue = 'default', concurrency = 10, runner } = this.#options;
    const database = await openDatabase(this.#options);
    try {
      const store = await Store.open(database, schema, queue);
      const session = new Session(store, this.#runner, this.#executors, concurrency);
      if (!runner) this.#run();
      await session.open();
      this.#session = session;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  #run(): void {
    this.#runner.run().catch((error: unknown) => {
      warn('RXVISOR_JOB_FAILED', 'a job was not over in time', error);
    });
  }

  async #shutdown(): Promise<Drained> {
    await this.#opening?.catch(() => undefined);
    const { shutdownTimeout = 30_000, runner } = this.#options;
    const unfinished = (await this.#session?.close(shutdownTimeout)) ?? [];
    if (!runner) await this.#runner.shutdown();
    return { unfinished };
  }
}
