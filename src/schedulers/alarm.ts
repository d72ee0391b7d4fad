import type { SchedulerLike, Unsubscribable } from 'rxjs';

/** The longest delay a timer of Node can wait, in ms; a longer one would fire at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

/**
 * Calls back after a delay on one scheduler, with one timer for all that is due at the same time.
 *
 * Ten thousand tasks in backoff are a few hundred timers of RxJS, not ten thousand: that is where a
 * crash storm spends its time otherwise.
 */
export class Alarm {
  readonly #scheduler: SchedulerLike;
  readonly #buckets = new Map<number, Bucket>();

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  /**
   * @param delay  In ms, clamped to what a timer can wait.
   * @returns What calls the alarm off. The timer goes when nobody waits for it.
   */
  in(delay: number, wake: () => void): Unsubscribable {
    const wait = Math.min(delay, LONGEST_DELAY);
    const due = this.#scheduler.now() + wait;
    const bucket = this.#buckets.get(due) ?? this.#open(due, wait);
    return bucket.add(wake);
  }

  #open(due: number, wait: number): Bucket {
    const bucket = new Bucket(() => this.#close(due, bucket));
    this.#buckets.set(due, bucket);
    bucket.timer = this.#scheduler.schedule(() => {
      bucket.ring();
    }, wait);
    return bucket;
  }

  #close(due: number, bucket: Bucket): void {
    if (this.#buckets.get(due) === bucket) this.#buckets.delete(due);
  }
}

/** All that is due at one time. */
class Bucket {
  timer: Unsubscribable | undefined;
  readonly #close: () => void;
  readonly #sleepers = new Set<Sleeper>();

  constructor(close: () => void) {
    this.#close = close;
  }

  add(wake: () => void): Sleeper {
    const sleeper = new Sleeper(this, wake);
    this.#sleepers.add(sleeper);
    return sleeper;
  }

  remove(sleeper: Sleeper): void {
    if (!this.#sleepers.delete(sleeper) || this.#sleepers.size > 0) return;
    this.#close();
    this.timer?.unsubscribe();
  }

  ring(): void {
    this.#close();
    for (const sleeper of this.#sleepers) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** One who waits. A slim `Subscription`: there may be one for every task. */
class Sleeper implements Unsubscribable {
  readonly #bucket: Bucket;
  readonly wake: () => void;

  constructor(bucket: Bucket, wake: () => void) {
    this.#bucket = bucket;
    this.wake = wake;
  }

  unsubscribe(): void {
    this.#bucket.remove(this);
  }
}
