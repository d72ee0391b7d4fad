import { type Subscription, asyncScheduler } from 'rxjs';
import type { Executors } from '../backends/executors.js';
import type { Job } from '../backends/job.js';
import type { SubmitOptions } from '../backends/task-backend.js';
import { log } from '../log.js';
import type { Runner } from '../runner/runner.js';
import type { Listening } from './database.js';
import { Doing } from './doing.js';
import type { Store } from './store.js';
import type { Claimed } from './stored-job.js';
import { Submitted } from './submitted.js';
import { Work } from './work.js';

const debug = log('broker');

/** How often it's looked up what has become of what was submitted, in ms: what was told may be lost. */
const LOOK_UP_EVERY = 30_000;
/** How many ids fit in what is said at once: it may be 8,000 characters long. */
const MOST_IDS = 150;

/** What a backend does from the moment that it has a database until it has none. */
export class Session<J extends Job> {
  readonly #store: Store;
  readonly #executors: Executors<J>;
  readonly #submitted: Submitted;
  readonly #doing: Doing<J>;
  readonly #work: Work;
  #listening: Listening | undefined;
  #lookUp: Subscription | undefined;
  #isWorking = false;
  /** Whom to tell of what was done for them: ids, by the backend that has submitted them. */
  #toTell = new Map<string, string[]>();
  isClosed = false;

  constructor(store: Store, runner: Runner, executors: Executors<J>, concurrency: number) {
    this.#store = store;
    this.#executors = executors;
    this.#submitted = new Submitted(store);
    this.#work = new Work(store, concurrency, {
      begin: (claimed) => {
        this.#doing.begin(claimed);
      },
      failed: this.#failed,
    });
    this.#doing = new Doing(store, runner, executors, {
      free: (claimed) => {
        this.#work.free(claimed);
      },
      settled: (claimed) => {
        this.#settled(claimed);
      },
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
        this.#heard(text);
      },
      missed: () => {
        this.#work.wake();
        this.#submitted.lookUp().catch(this.#failed);
      },
      lost: this.#failed,
    });
    const lookUp = () => {
      this.#submitted.lookUp().catch(this.#failed);
    };
    this.#lookUp = asyncScheduler.schedule(function () {
      lookUp();
      this.schedule(undefined, LOOK_UP_EVERY);
    }, LOOK_UP_EVERY);
    this.work();
  }

  /** Begins to claim, if there's anybody who does jobs. */
  work(): void {
    if (this.#isWorking || this.isClosed || this.#executors.isEmpty) return;
    this.#isWorking = true;
    this.#work.start();
  }

  async submit(job: Job, options: SubmitOptions): Promise<string> {
    const id = await this.#submitted.add(job, options);
    // Sooner than the database says so.
    if (this.#isWorking) this.#work.wake();
    return id;
  }

  /** Claims nothing more, waits for what is done here, gives back the rest. */
  async close(within: number): Promise<readonly Job[]> {
    await this.#work.stop();
    await this.#doing.drained(within);
    this.isClosed = true;
    const unfinished = await this.#doing.stop();
    await this.#submitted.kept();
    this.#lookUp?.unsubscribe();
    this.#listening?.close();
    this.#tell();
    await this.#store.close();
    return unfinished;
  }

  #settled({ id, by }: Claimed): void {
    if (by === this.#submitted.by) {
      this.#submitted.settled([id]);
      return;
    }
    const isFirst = this.#toTell.size === 0;
    const ids = this.#toTell.get(by) ?? [];
    this.#toTell.set(by, ids);
    ids.push(id);
    if (isFirst) {
      asyncScheduler.schedule(() => {
        this.#tell();
      });
    }
  }

  #tell(): void {
    for (const [by, ids] of this.#toTell) {
      for (let from = 0; from < ids.length; from += MOST_IDS) {
        const text = JSON.stringify({ by, settled: ids.slice(from, from + MOST_IDS) });
        this.#store.say(this.#store.channel, text).catch(this.#failed);
      }
    }
    this.#toTell = new Map();
  }

  #heard(text: string): void {
    const said = JSON.parse(text) as { readonly by?: unknown; readonly settled?: string[] };
    if (said.by === this.#submitted.by && said.settled) this.#submitted.settled(said.settled);
  }

  readonly #failed = (error: unknown): void => {
    debug('the database: %O', error);
  };
}
