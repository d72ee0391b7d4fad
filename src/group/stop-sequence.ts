import type { StopReason } from '../report.js';
import type { Core } from '../runner/core.js';
import type { Seat } from './seat.js';

/** Stops the members one after another, in reverse, each when the one before is over. */
export class StopSequence {
  readonly #unasked: Seat[];
  readonly #reason: StopReason;
  readonly #core: Core;
  readonly #then: () => void;
  #asked: Seat | undefined;
  #over = false;

  /** @param seats  Those who started first come first. */
  constructor(seats: readonly Seat[], reason: StopReason, core: Core, then: () => void) {
    this.#unasked = [...seats];
    this.#reason = reason;
    this.#core = core;
    this.#then = then;
  }

  proceed(): void {
    // Once the runner has given up waiting, it ends everybody itself.
    while (!this.#asked && !this.#core.forced) {
      const seat = this.#unasked.pop();
      if (!seat) {
        this.#finish();
        return;
      }
      if (seat.end) continue;
      this.#asked = seat;
      seat.member.stop(this.#reason);
    }
  }

  ended(seat: Seat): void {
    if (this.#asked !== seat) return;
    this.#asked = undefined;
    this.proceed();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#then();
  }
}
