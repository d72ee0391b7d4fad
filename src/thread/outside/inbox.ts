import { Fifo } from '../../schedulers/fifo.js';

/** Where values go, and who knows whether they're wanted. */
interface Consumer {
  next(value: unknown): void;
  mayPull(resume: () => void): boolean;
}

/**
 * Values that have come from a thread and have not been consumed: never more than the window. They're
 * handed over as there is demand for them; what has been consumed is the thread's credit again.
 *
 * That another value is wanted means that the last one is consumed: the subscriber's `next` has
 * returned, or a loop has come round.
 */
export class Inbox {
  readonly #consumer: Consumer;
  /** Credit goes back so many at a time. */
  readonly #portion: number;
  readonly #credit: (values: number) => void;
  /** As they came, and how far the first list has been handed over. */
  readonly #lists = new Fifo<readonly unknown[]>();
  #current: readonly unknown[] = NOTHING;
  #next = 0;
  #whenEmpty: (() => void) | undefined;
  #isDelivering = false;
  #isParked = false;
  #isFree = false;
  #isConsuming = false;
  #consumed = 0;

  constructor(consumer: Consumer, window: number, credit: (values: number) => void) {
    this.#consumer = consumer;
    this.#portion = window / 4;
    this.#credit = credit;
  }

  put(values: readonly unknown[]): void {
    this.#lists.push(values);
    this.#deliver();
  }

  /** Does something when the last value has been handed over: the first that is asked for. */
  whenEmpty(work: () => void): void {
    this.#whenEmpty ??= work;
    this.#deliver();
  }

  /** Nobody asks any more: what there is goes out. */
  free(): void {
    this.#isFree = true;
    this.#deliver();
  }

  #deliver(): void {
    // What comes of a value as it's handed over: the loop that does it goes on by itself.
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.#hasMore() && this.#isWanted()) {
        this.#isConsuming = true;
        this.#consumer.next(this.#current[this.#next++]);
      }
    } finally {
      this.#isDelivering = false;
    }
    if (this.#hasMore()) return;
    const work = this.#whenEmpty;
    if (work) {
      this.#whenEmpty = ignore;
      work();
    } else this.#isWanted();
  }

  #hasMore(): boolean {
    if (this.#next < this.#current.length) return true;
    this.#current = this.#lists.shift() ?? NOTHING;
    this.#next = 0;
    return this.#current.length > 0;
  }

  #isWanted(): boolean {
    if (!this.#isFree) {
      if (this.#isParked) return false;
      this.#isParked = !this.#consumer.mayPull(this.#resume);
      if (this.#isParked) return false;
    }
    if (this.#isConsuming) this.#giveCredit();
    return true;
  }

  readonly #resume = (): void => {
    this.#isParked = false;
    this.#deliver();
  };

  #giveCredit(): void {
    this.#isConsuming = false;
    this.#consumed++;
    if (this.#consumed < this.#portion) return;
    this.#credit(this.#consumed);
    this.#consumed = 0;
  }
}

const ignore = () => undefined;
const NOTHING: readonly unknown[] = Object.freeze([]);
