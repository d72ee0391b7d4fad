import { performance } from 'node:perf_hooks';
import { asapScheduler } from 'rxjs';

/**
 * Tells when microtask work has held up the event loop for longer than a slice.
 *
 * A slice begins with the first question and ends by itself when the event loop has turned. No timer
 * is armed for that: the loop counts its own turns. Virtual time never yields: its clock isn't the wall
 * clock, or (a test runner's fake timers) has passed another span than the real one.
 */
export class TimeSlice {
  /** What the scheduler's clock said when it was last asked. */
  clock = 0;
  readonly #length: number;
  #turn = -1;
  #began = 0;
  #beganReal = 0;

  /** @param length  In ms. */
  constructor(length: number) {
    this.#length = length;
  }

  /** Whether it's time to let the event loop turn; asking begins a new slice when it is, or when none is open. */
  isOver(): boolean {
    this.clock = asapScheduler.now();
    const elapsed = this.clock - this.#began;
    if (elapsed >= 0 && elapsed < this.#length) return false;
    const turn = performance.nodeTiming.uvMetricsInfo.loopCount;
    const real = performance.now();
    const isReal = Math.abs(Date.now() - this.clock) < 1_000;
    const agree = Math.abs(real - this.#beganReal - elapsed) <= CLOCK_SKEW;
    const over = turn === this.#turn && isReal && agree;
    this.#turn = turn;
    this.#began += elapsed;
    this.#beganReal = real;
    return over;
  }
}

/** `Date.now()` is whole milliseconds: two readings of one span differ by less than this. */
const CLOCK_SKEW = 2;
