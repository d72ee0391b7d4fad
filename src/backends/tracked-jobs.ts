import type { Subscription } from 'rxjs';
import type { Job } from './job.js';
import type { SubmitOptions } from './task-backend.js';
import { scheduleIn } from '../schedulers/schedule-in.js';

/** A job that has been submitted and is not settled. */
export interface TrackedJob<J extends Job> {
  readonly id: string;
  readonly job: J;
  readonly options: SubmitOptions;
  /** Until it's due. */
  delay?: Subscription;
  /** Once it runs: how it's stopped. */
  stop?: () => Promise<void>;
}

/** The jobs that are under way, by id and by key. */
export class TrackedJobs<J extends Job> {
  readonly #byId = new Map<string, TrackedJob<J>>();
  readonly #byKey = new Map<string, string>();
  #lastId = 0;
  #whenEmpty: () => void = () => undefined;

  get size(): number {
    return this.#byId.size;
  }

  /** The id of the one with a key, if there's a key and such a one. */
  idOf({ key }: SubmitOptions): string | undefined {
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  add(job: J, options: SubmitOptions): TrackedJob<J> {
    const tracked = { id: String(++this.#lastId), job, options };
    this.#byId.set(tracked.id, tracked);
    if (options.key !== undefined) this.#byKey.set(options.key, tracked.id);
    return tracked;
  }

  delete({ id, options: { key } }: TrackedJob<J>): void {
    this.#byId.delete(id);
    if (key !== undefined) this.#byKey.delete(key);
    if (this.#byId.size === 0) this.#whenEmpty();
  }

  /** All of them, as it is now. */
  list(): TrackedJob<J>[] {
    return [...this.#byId.values()];
  }

  /** Does something, at once, when there are none any more, or when the time is up. */
  whenEmpty(within: number, work: () => void): void {
    const end = () => {
      limit.unsubscribe();
      this.#whenEmpty = () => undefined;
      work();
    };
    const limit = scheduleIn(within, end);
    this.#whenEmpty = end;
    if (this.#byId.size === 0) end();
  }
}
