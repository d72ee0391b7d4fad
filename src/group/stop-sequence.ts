import type { Core } from '../runner/core.js';
import type { StopReason } from '../report.js';
import type { Seat } from './seat.js';

/**
 * Stops the members one after another, in reverse, each when the one before is over. Who isn't running
 * (not started yet, or in backoff) ends at once.
 */
export class StopSequence {
  readonly reason: StopReason;
  readonly #unasked: Seat[];
  readonly #core: Core;
  readonly #then: () => void;
  #asked: Seat | undefined;
  #proceeding = false;
  #over = false;

  /** @param seats  Those who started first come first. */
  constructor(seats: readonly Seat[], reason: StopReason, core: Core, then: () => void) {
    this.#unasked = [...seats];
    this.reason = reason;
    this.#core = core;
    this.#then = then;
  }

  begin(): void {
    for (const { member } of [...this.#unasked].reverse()) {
      if (member.state === 'waiting' || member.state === 'backoff') member.stop(this.reason);
    }
    this.#proceed();
  }

  ended(seat: Seat): void {
    if (this.#asked === seat) this.#asked = undefined;
    this.#proceed();
  }

  /** A loop, not a recursion: a member that ends at once comes back here through `ended`. */
  #proceed(): void {
    if (this.#proceeding) return;
    this.#proceeding = true;
    // Once the runner has given up waiting, it ends everybody itself.
    while (!this.#asked && !this.#over && !this.#core.forced) this.#askNext();
    this.#proceeding = false;
  }

  #askNext(): void {
    const seat = this.#unasked.pop();
    if (!seat) {
      this.#over = true;
      this.#then();
    } else if (!seat.end) {
      this.#asked = seat;
      seat.member.stop(this.reason);
    }
  }
}
