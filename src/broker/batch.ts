import { BackendDownError } from '../errors.js';
import { asap } from '../schedulers/asap-scheduler.js';

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** How much is written at once, at the most. */
export interface BatchLimits<T> {
  readonly count: number;
  /** In characters, if there's what says how many an item has: one statement is one text. */
  readonly size?: number;
  readonly sizeOf?: (item: T) => number;
}

/** As many as there are items, in their order; none of what gives nothing. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- that's what gives nothing
type Results<R> = [R] extends [void] ? void : readonly R[];

/** As much as one statement should be, in characters. */
export const MOST_TEXT = 8_000_000;

/**
 * Gathers what comes in one turn of the event loop, and what comes while the last batch is being
 * written, and writes it as one: what a database costs is per statement. What it refuses is written by
 * halves, so that only what is refused fails.
 */
export class Batch<T, R = void> {
  readonly #write: (items: T[]) => Promise<Results<R>>;
  readonly #limits: BatchLimits<T>;
  #waiting: Waiting<T, R>[] = [];
  #isArmed = false;
  #isWriting = false;

  /** @param write  Gives as many results as there are items, in their order, or none. */
  constructor(write: (items: T[]) => Promise<Results<R>>, limits: BatchLimits<T>) {
    this.#write = write;
    this.#limits = limits;
  }

  /** Resolves, or rejects, when it has been written. */
  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#isArmed || this.#isWriting) return;
    this.#isArmed = true;
    asap.afterTurn(() => {
      this.#isArmed = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#writeAll(this.#waiting.splice(0, this.#share()));
    this.#isWriting = false;
  }

  /** How many of those that wait are written at once: one at the least. */
  #share(): number {
    const { count, size = Infinity, sizeOf } = this.#limits;
    if (!sizeOf) return count;
    let left = size;
    const first = this.#waiting.slice(0, count);
    const end = first.findIndex(({ item }) => (left -= sizeOf(item)) < 0);
    return end === -1 ? count : Math.max(end, 1);
  }

  async #writeAll(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = (await this.#write(batch.map(({ item }) => item))) as
        readonly R[] | undefined;
      batch.forEach(({ resolve }, index) => {
        resolve(results?.[index] as R);
      });
    } catch (error) {
      if (batch.length === 1 || error instanceof BackendDownError) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const half = batch.length >> 1;
      await this.#writeAll(batch.slice(0, half));
      await this.#writeAll(batch.slice(half));
    }
  }
}
