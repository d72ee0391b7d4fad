import { type Subscription, asyncScheduler } from 'rxjs';
import type { Executors } from '../backends/executors.js';
import type { Job } from '../backends/job.js';
import type { SubmitOptions } from '../backends/task-backend.js';
import { log } from '../log.js';
import type { Runner } from '../runner/runner.js';
import type { Availability } from './availability.js';
import type { Listening } from './database.js';
import { DeadLetters } from './dead-letters.js';
import { Doing } from './doing.js';
import { Remote } from './remote.js';
import type { Store } from './store.js';
import { type StoredJob, toStored } from './stored-job.js';
import { Submitted } from './submitted.js';
import { Work } from './work.js';

const debug = log('broker');

/** How often it's looked up what has become of what was submitted, in ms: what was told may be lost. */
const LOOK_UP_EVERY = 30_000;

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
  readonly #executors: Executors<J>;
  readonly #submitted: Submitted;
  readonly #doing: Doing<J>;
  readonly #work: Work;
  /** What goes on between this backend and the others. */
  readonly remote: Remote;
  readonly deadLetters: DeadLetters;
  #listening: Listening | undefined;
  #lookUp: Subscription | undefined;
  #isWorking = false;
  isClosed = false;

  constructor({ store, availability, runner, executors, concurrency }: Parts<J>) {
    this.#store = store;
    this.#availability = availability;
    this.#executors = executors;
    this.#submitted = new Submitted(store);
    this.#work = new Work(store, concurrency, {
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
      doing: this.#doing,
      submit: (job, options, isExecuted) => this.submit(job, options, { isExecuted }),
      failed: this.#failed,
    });
  }

  get inflight(): number {
    return this.#submitted.size + this.#doing.countWhere(({ by }) => by !== this.#submitted.by);
  }

  async open(): Promise<void> {
    this.#listening = await this.#store.listen({
      work: this.#work.wake,
      heard: (text) => {
        this.remote.heard(text);
      },
      missed: () => {
        this.#availability.back();
        this.#work.wake();
        this.remote.missed();
        this.#submitted.lookUp().catch(this.#failed);
      },
      lost: (error) => {
        this.#availability.lost(error);
      },
    });
    const lookUp = () => {
      this.#submitted.lookUp().catch(this.#failed);
    };
    this.#lookUp = asyncScheduler.schedule(function () {
      lookUp();
      this.schedule(undefined, LOOK_UP_EVERY);
    }, LOOK_UP_EVERY);
    this.remote.open();
    this.work();
  }

  /** Begins to claim, if there's anybody who does jobs. */
  work(): void {
    if (this.#isWorking || this.isClosed || this.#executors.isEmpty) return;
    this.#isWorking = true;
    this.#work.start();
  }

  async submit(job: Job, options: SubmitOptions, more?: Partial<StoredJob>): Promise<string> {
    const id = await this.#submitted.add(job, options, more);
    // Sooner than the database says so.
    if (this.#isWorking) this.#work.wake();
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
    await this.#work.stop();
    await this.#doing.drained(within);
    this.isClosed = true;
    this.#availability.giveUp();
    const unfinished = await this.#doing.stop();
    await this.#submitted.kept();
    this.#lookUp?.unsubscribe();
    await this.remote.close();
    this.#listening?.close();
    await this.#store.close();
    return unfinished;
  }

  readonly #failed = (error: unknown): void => {
    debug('the database: %O', error);
  };
}
