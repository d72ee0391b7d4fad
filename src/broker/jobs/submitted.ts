import { randomUUID } from 'node:crypto';
import type { Subscription } from 'rxjs';
import { type Job, lengthIfLong } from '../../backends/job.js';
import type { SubmitOptions, TransactionClient } from '../../backends/task-backend.js';
import { BackendDownError } from '../../errors.js';
import { Batch, MOST_TEXT } from '../batch.js';
import type { NewJob } from './new-job.js';
import type { Store } from './store.js';
import { type StoredJob, toSeconds, toStored } from './stored-job.js';
import { scheduleEvery } from '../../schedulers/schedule-in.js';

/** How many jobs are kept at once, at the most. */
const AT_ONCE = {
  count: 1_000,
  size: MOST_TEXT,
  sizeOf: ({ stored }: NewJob) => lengthIfLong(stored.job),
};

/** How often it's looked up what has become of them, in ms: what was told may be lost. */
const LOOK_UP_EVERY = 30_000;

/** The jobs that this backend has submitted and that are not settled, here or elsewhere. */
export class Submitted {
  /** How it's known to the others. */
  readonly by: string = randomUUID();
  readonly #store: Store;
  readonly #ids = new Set<string>();
  readonly #insertions: Batch<NewJob, boolean>;
  /** Of those with a key, which may have to wait for somebody's transaction with the same one. */
  readonly #keyed: Batch<NewJob, boolean>;
  readonly #failed: (error: unknown) => void;
  #looking: Subscription | undefined;
  #adding = 0;
  #whenKept: () => void = () => undefined;

  constructor(store: Store, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
    this.#insertions = new Batch((jobs) => store.insert(jobs), AT_ONCE);
    this.#keyed = new Batch((jobs) => store.insert(jobs), AT_ONCE);
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Keeps a job, or finds the one with its key. */
  async add(job: Job, options: SubmitOptions, more: Partial<StoredJob> = {}): Promise<string> {
    const { client } = options;
    const wanted = this.#toNew(job, options, more);
    if (client) return this.#addThrough(client, wanted);
    const { id } = wanted;
    this.#ids.add(id);
    this.#adding++;
    try {
      for (;;) {
        if (await this.#insert(wanted)) return id;
        const known = await this.#store.find(wanted);
        if (known === undefined) continue; // It was settled between the two.
        if (known !== id) this.#ids.delete(id);
        return known;
      }
    } catch (error) {
      this.#ids.delete(id);
      throw error;
    } finally {
      if (--this.#adding === 0) this.#whenKept();
    }
  }

  /** Once more if the connection breaks: that may be but the one, and whether it was kept is known by its id. */
  async #insert(wanted: NewJob): Promise<boolean> {
    const batch = wanted.key === wanted.id ? this.#insertions : this.#keyed;
    try {
      return await batch.add(wanted);
    } catch (error) {
      if (!(error instanceof BackendDownError)) throw error;
      return batch.add(wanted);
    }
  }

  /** In somebody's transaction: whether there's ever such a job is for that to say. */
  async #addThrough(client: TransactionClient, wanted: NewJob): Promise<string> {
    for (;;) {
      const [isNew] = await this.#store.insert([wanted], client);
      if (isNew) return wanted.id;
      const known = await this.#store.find(wanted, client);
      if (known !== undefined) return known;
    }
  }

  #toNew(job: Job, options: SubmitOptions, more: Partial<StoredJob>): NewJob {
    const { key, delay = 0, deadLetter } = options;
    const id = randomUUID();
    return {
      id,
      stored: { ...toStored(job, this.by, options), ...more },
      delay: toSeconds(delay),
      key: key === undefined ? id : `=${key}`,
      ...(deadLetter !== undefined && { deadLetter }),
    };
  }

  open(): void {
    this.#looking = scheduleEvery(LOOK_UP_EVERY, () => {
      this.lookUp();
    });
  }

  /** Resolves when what has been handed in is in the database, or can't be. */
  async close(): Promise<void> {
    this.#looking?.unsubscribe();
    while (this.#adding > 0) await new Promise<void>((resolve) => (this.#whenKept = resolve));
  }

  settled(ids: readonly string[]): void {
    for (const id of ids) this.#ids.delete(id);
  }

  /** Something may have been missed. */
  lookUp(): void {
    if (this.#ids.size > 0) void this.#lookUp().catch(this.#failed);
  }

  async #lookUp(): Promise<void> {
    this.settled(await this.#store.settled([...this.#ids]));
  }
}
