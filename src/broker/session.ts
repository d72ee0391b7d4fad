import type { Executors } from '../backends/executors.js';
import type { Job } from '../backends/job.js';
import type { SubmitOptions } from '../backends/task-backend.js';
import { BackendDownError } from '../errors.js';
import { log } from '../log.js';
import type { Runner } from '../runner/runner.js';
import type { Availability } from './availability.js';
import type { Listening } from './database.js';
import { DeadLetters } from './jobs/dead-letters.js';
import { Doing } from './doing/doing.js';
import { Remote } from './talk/remote.js';
import type { Store } from './jobs/store.js';
import { type StoredJob, toStored } from './jobs/stored-job.js';
import { Submitted } from './jobs/submitted.js';
import { Work } from './doing/work.js';
import { scheduleIn } from '../schedulers/schedule-in.js';

const debug = log('broker');

/** How long the database may take for what is said to it at the end, in ms. */
const LAST_WORDS = 5_000;

/** What it's made of. */
interface Parts<J extends Job> {
  readonly store: Store;
  readonly availability: Availability;
  readonly runner: Runner;
  readonly executors: Executors<J>;
  readonly concurrency: number;
}

/** What a backend does from the moment that it has a database until it has none. */
export class Session<J extends Job> {
  readonly #store: Store;
  readonly #availability: Availability;
  readonly #submitted: Submitted;
  readonly #doing: Doing<J>;
  readonly #work: Work;
  /** What goes on between this backend and the others. */
  readonly remote: Remote;
  readonly deadLetters: DeadLetters;
  #listening: Listening | undefined;
  isClosed = false;

  constructor({ store, availability, runner, executors, concurrency }: Parts<J>) {
    this.#store = store;
    this.#availability = availability;
    this.#submitted = new Submitted(store, this.#failed);
    this.#work = new Work(store, concurrency, {
      isOpen: () => !executors.isEmpty && (runner.state === 'idle' || runner.state === 'running'),
      begin: (claimed) => {
        this.#doing.begin(claimed);
      },
      failed: this.#failed,
    });
    this.#doing = new Doing(store, runner, executors, {
      lasting: (work) => availability.lasting(work),
      free: (claimed) => {
        this.#work.free(claimed);
      },
      emitted: (claimed, value) => {
        this.remote.emitted(claimed, value);
      },
      over: (claimed) => this.remote.over(claimed),
      cancelled: (claimed, reason) => this.remote.cancelled(claimed, reason),
      settled: (claimed) => {
        this.remote.settled(claimed);
      },
      failed: this.#failed,
    });
    this.deadLetters = new DeadLetters(store.place);
    this.remote = new Remote({
      store,
      availability,
      submitted: this.#submitted,
      doing: this.#doing.attempts,
      submit: (job, options, isExecuted) => this.submit(job, options, { isExecuted }),
      failed: this.#failed,
    });
  }

  get inflight(): number {
    return (
      this.#submitted.size + this.#doing.attempts.countWhere(({ by }) => by !== this.#submitted.by)
    );
  }

  async open(): Promise<void> {
    this.#listening = await this.#listen().catch((error: unknown) => {
      void this.#store.close();
      throw error;
    });
    this.#submitted.open();
    this.remote.open();
    this.#work.start();
  }

  #listen(): Promise<Listening> {
    return this.#store.channels.listen({
      work: this.#work.wake,
      heard: (text) => {
        this.remote.heard(text);
      },
      missed: () => {
        this.#availability.back();
        this.#work.wake();
        this.remote.missed();
        this.#submitted.lookUp();
      },
      lost: (error) => {
        this.#availability.lost(error);
      },
    });
  }

  /** There may be somebody who does jobs, or somebody else. */
  work(): void {
    this.#work.wake();
  }

  async submit(job: Job, options: SubmitOptions, more?: Partial<StoredJob>): Promise<string> {
    const id = await this.#submitted.add(job, options, more);
    // Sooner than the database says so.
    this.#work.wake();
    return id;
  }

  async schedule(name: string, cron: string, job: Job, tz: string | undefined): Promise<void> {
    await this.#store.schedules.set(name, cron, toStored(job, this.#submitted.by, {}), tz);
  }

  async unschedule(name: string): Promise<void> {
    await this.#store.schedules.remove(name);
  }

  /** Claims nothing more, waits for what is done here, gives back the rest. */
  async close(within: number): Promise<readonly Job[]> {
    await Promise.all([
      this.#atMost(Math.max(within, LAST_WORDS), this.#work.stop()),
      this.#doing.attempts.drained(within),
    ]);
    this.isClosed = true;
    this.#availability.giveUp();
    await this.#doing.stop();
    return this.#atMost(LAST_WORDS, this.#leave());
  }

  /** Says what there's still to say. */
  async #leave(): Promise<readonly Job[]> {
    const unfinished = await this.#doing.leave();
    await this.#submitted.close();
    await this.remote.close();
    this.#listening?.close();
    await this.#store.close();
    return unfinished;
  }

  /** Has the database given up when that is still going on after a while, in ms. */
  async #atMost<T>(within: number, going: Promise<T>): Promise<T> {
    const limit = scheduleIn(within, () => {
      this.#store.abandon();
    });
    return going.finally(() => {
      limit.unsubscribe();
    });
  }

  readonly #failed = (error: unknown): void => {
    if (error instanceof BackendDownError && !error.isPassing) this.#availability.lost(error);
    debug('the database: %O', error);
  };
}
