import { EMPTY, type Observable, defer } from 'rxjs';
import { Executors } from '../backends/executors.js';
import { type Job, toJob } from '../backends/job.js';
import { runOwn } from '../backends/run-own.js';
import type { Drained, Executor, SubmitOptions, TaskBackend } from '../backends/task-backend.js';
import { BackendClosedError, RunnerStateError } from '../errors.js';
import { Runner } from '../runner/runner.js';
import type { GivenReason } from '../runner/stop-reason.js';
import { Availability } from './availability.js';
import type { Database } from './database.js';
import type { DeadLetter } from './jobs/dead-letters.js';
import { isId } from './id.js';
import {
  type ExecuteJobOptions,
  checkExecuteJobOptions,
  checkSchedule,
  checkSubmitOptions,
} from './job-options.js';
import { openDatabase } from './open-database.js';
import { type BrokerTaskBackendOptions, checkBrokerOptions } from './options.js';
import type { ScheduleOptions } from './jobs/schedules.js';
import { Session } from './session.js';
import { Store } from './jobs/store.js';

/** How long a database has for its first answer, at the least, in ms: a busy one is no silent one. */
const PATIENCE = 1_000;

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
  readonly #availability: Availability;
  #opening: Promise<void> | undefined;
  #database: Database | undefined;
  #session: Session<J> | undefined;
  #closing: Promise<Drained> | undefined;

  constructor(options: BrokerTaskBackendOptions = {}) {
    checkBrokerOptions(options);
    this.#options = options;
    this.#runner = options.runner ?? new Runner();
    this.#availability = new Availability(this.#queue, options.runner);
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
   * Connects, and installs the tables if they aren't there. If it rejects it may be called again.
   *
   * @returns A promise that rejects with {@link BackendDownError} if there's no database within
   *   `startTimeout`, or at once if that refuses; with {@link MissingPackageError}; and with what the
   *   database says.
   */
  async initialize(): Promise<void> {
    if (this.#closing) throw new BackendClosedError();
    await (this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  /** As for any backend; it rejects with {@link RunnerStateError} before `initialize`, too. */
  async submit(given: J, options: SubmitOptions = {}): Promise<string> {
    const session = this.#opened();
    const job = toJob(given);
    checkSubmitOptions(options, this.#queue);
    return session.submit(job, options);
  }

  /**
   * Has a job done by whoever does it, wherever that is, for the subscriber: what it emits, in order and
   * without a gap, its completion, and its error as it arrives from elsewhere. Cold: each subscription is
   * one job; unsubscribing cancels it. If an attempt fails and another follows, that may emit again what
   * the first has emitted.
   *
   * @returns An Observable that errors with what `submit` rejects with; with {@link CancelledError} when
   *   the job is cancelled, or this backend shuts down meanwhile; with {@link InvalidPayloadError} when the
   *   job emits what doesn't survive JSON.
   * @throws {@link InvalidPayloadError}, {@link InvalidOptionError}
   */
  execute<T = unknown>(given: J, options: ExecuteJobOptions = {}): Observable<T> {
    const job = toJob(given);
    checkExecuteJobOptions(options, this.#queue);
    return defer(() => this.#opened().remote.execute(job, options)) as Observable<T>;
  }

  /**
   * Ends a job that isn't wanted any more. One that waits is gone at once; of one that runs, wherever that
   * is, `context.signal` aborts with the reason, within a second. It's not done again, and nobody is told
   * of a failure.
   *
   * @returns A promise of whether there was such a job: not if it was over, or is of another queue.
   */
  async cancel(id: string, reason?: GivenReason): Promise<boolean> {
    const session = this.#opened();
    return isId(id) && (await session.remote.cancel(id, reason));
  }

  /**
   * What a job emits while it runs, wherever that is. Hot: who comes late has missed what was before, and
   * what is said while a connection is lost is lost, too. Completes when the job is over, however it ended.
   */
  progress$<T = unknown>(id: string): Observable<T> {
    const progress$ = defer(() => this.#opened().remote.progress$(id));
    return (isId(id) ? progress$ : EMPTY) as Observable<T>;
  }

  /** The jobs of this queue that have failed for good, the oldest first. */
  async deadLetters(): Promise<DeadLetter<J>[]> {
    return this.#opened().deadLetters.list<J>();
  }

  /**
   * Has one of them done again, as it was submitted. If another job with its key waits or runs, that is
   * the one, and the letter stays.
   *
   * @returns A promise of the id of the job that it is now; it rejects with {@link InvalidOptionError}.
   */
  async redrive(id: string): Promise<string> {
    return this.#opened().deadLetters.redrive(id);
  }

  /**
   * Has a job done again and again, by the clock: once each time, however many backends there are. A
   * schedule of the same name is replaced. While the job of one time waits or runs, there's none for the
   * next; times at which no backend was there are left out. One that is set in the very minute of its time
   * is done in that.
   *
   * @param cron  Minute, hour, day of the month, month, day of the week.
   * @returns A promise that rejects with {@link InvalidOptionError} and {@link InvalidPayloadError}.
   */
  async schedule(
    name: string,
    cron: string,
    given: J,
    { tz, ...others }: ScheduleOptions = {},
  ): Promise<void> {
    const session = this.#opened();
    const job = toJob(given);
    checkSchedule(name, cron, { ...others, ...(tz !== undefined && { tz }) });
    await session.schedule(name, cron, job, tz);
  }

  /** Has it not done any more. What waits or runs goes on. */
  async unschedule(name: string): Promise<void> {
    await this.#opened().unschedule(name);
  }

  shutdown(): Promise<Drained> {
    return (this.#closing ??= this.#shutdown());
  }

  async #open(): Promise<void> {
    const { startTimeout = 3_000, runner } = this.#options;
    const open = (left: number) => this.#openSession(left);
    this.#session = await this.#availability.opened(open, startTimeout);
    if (!runner && this.#runner.state === 'idle') void runOwn(this.#runner);
  }

  async #openSession(left: number): Promise<Session<J>> {
    const { schema = 'rxvisor', concurrency = 10 } = this.#options;
    const { fleetConcurrency = Infinity, groupConcurrency = Infinity } = this.#options;
    const database = await openDatabase(this.#options);
    this.#database = database;
    try {
      await database.answersWithin(Math.max(left, PATIENCE));
      const place = { database, schema, queue: this.#queue };
      const store = await Store.open(place, { fleetConcurrency, groupConcurrency });
      const session = new Session({
        store,
        availability: this.#availability,
        runner: this.#runner,
        executors: this.#executors,
        concurrency,
      });
      await session.open();
      return session;
    } catch (error) {
      // Nobody waits for an answer that may never come; what is in this process has a lock.
      if (database.isEmbedded) await database.close();
      else void database.close();
      throw error;
    }
  }

  #opened(): Session<J> {
    if (this.#session?.isClosed ?? this.#closing) throw new BackendClosedError();
    if (!this.#session) {
      throw new RunnerStateError('idle', 'this backend has no database yet: await initialize()');
    }
    return this.#session;
  }

  get #queue(): string {
    return this.#options.queue ?? 'default';
  }

  async #shutdown(): Promise<Drained> {
    if (!this.#session) {
      this.#availability.giveUp();
      this.#database?.abandon();
    }
    await this.#opening?.catch(() => undefined);
    const { shutdownTimeout = 30_000, runner } = this.#options;
    const unfinished = (await this.#session?.close(shutdownTimeout)) ?? [];
    if (!runner) await this.#runner.shutdown();
    return { unfinished };
  }
}
