import type { SchedulerLike, Unsubscribable } from 'rxjs';
import { scheduleLater } from './schedule-later.js';

/** The longest delay a timer of Node can wait, in ms; a longer one would fire at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

/**
 * Calls back after a delay on one scheduler, with one timer for all that have been set at the same
 * time for the same delay. Never synchronous.
 *
 * Ten thousand tasks that crash together are a few hundred timers of RxJS, not ten thousand: that is
 * where a crash storm spends its time otherwise. Nothing is shared between different readings of the
 * clock, which may have been put back or forward between the two.
 */
export class Alarm {
  readonly #scheduler: SchedulerLike;
  /** By delay, of all that was set at `#now`. */
  readonly #buckets = new Map<number, Bucket>();
  #now = NaN;

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  /**
   * @param delay  In ms, clamped to what a timer can wait.
   * @returns What calls the alarm off. The timer goes when nobody waits for it.
   */
  in(delay: number, wake: () => void): Unsubscribable {
    const wait = Math.min(delay, LONGEST_DELAY);
    const now = this.#scheduler.now();
    if (now !== this.#now) this.#buckets.clear();
    this.#now = now;
    const bucket = this.#buckets.get(wait);
    if (bucket && !bucket.closed) return bucket.add(wake);
    const opened = new Bucket();
    this.#buckets.set(wait, opened);
    return opened.open(this.#scheduler, wait, wake);
  }
}

/** All that is due at one time. */
class Bucket {
  /** Whether it's too late to join. */
  closed = false;
  readonly #sleepers = new Set<Sleeper>();
  #timer: Unsubscribable | undefined;

  open(scheduler: SchedulerLike, wait: number, wake: () => void): Sleeper {
    const sleeper = this.add(wake);
    this.#timer = scheduleLater(scheduler, wait, () => {
      this.#ring();
    });
    return sleeper;
  }

  add(wake: () => void): Sleeper {
    const sleeper = new Sleeper(this, wake);
    this.#sleepers.add(sleeper);
    return sleeper;
  }

  remove(sleeper: Sleeper): void {
    if (!this.#sleepers.delete(sleeper) || this.#sleepers.size > 0) return;
    this.closed = true;
    this.#timer?.unsubscribe();
  }

  #ring(): void {
    this.closed = true;
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
