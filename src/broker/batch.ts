import { asap } from '../schedulers/asap-scheduler.js';

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what comes in one turn of the event loop, and what comes while the last batch is being
 * written, and writes it as one: what a database costs is per statement.
 */
export class Batch<T, R> {
  readonly #write: (items: T[]) => Promise<readonly R[]>;
  readonly #most: number;
  #waiting: Waiting<T, R>[] = [];
  #isArmed = false;
  #isWriting = false;

  /** @param write  Gives as many results as there are items, in their order. */
  constructor(write: (items: T[]) => Promise<readonly R[]>, most: number) {
    this.#write = write;
    this.#most = most;
  }

  /** Resolves, or rejects, when the batch that it's in has been written. */
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
    while (this.#waiting.length > 0) await this.#writeOne(this.#waiting.splice(0, this.#most));
    this.#isWriting = false;
  }

  async #writeOne(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#write(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(results[index] as R);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
