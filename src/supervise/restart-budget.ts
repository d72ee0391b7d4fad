/**
 * Counts restarts in a sliding window, boundary included: at most `limit` in any span of `within` ms.
 *
 * A ring of at most `limit` stamps, so that N restarts cost O(N); an unlimited budget holds none.
 */
export class RestartBudget {
  readonly #limit: number;
  readonly #within: number;
  readonly #stamps: number[] = [];
  #newest = -Infinity;
  /** Where the oldest stamp is, once the ring is full. */
  #oldest = 0;

  constructor(limit: number, within: number) {
    this.#limit = limit;
    this.#within = within;
  }

  /** Takes one restart out of the budget, if there is one left. */
  take(now: number): boolean {
    if (this.#limit === Infinity) return true;
    // Stamps of a wall clock that has been put back mean nothing any more.
    if (now < this.#newest) this.reset();
    this.#newest = now;
    if (this.#stamps.length < this.#limit) {
      this.#stamps.push(now);
      return true;
    }
    // There is room only when the oldest of `limit` restarts has left the window.
    const oldest = this.#stamps[this.#oldest];
    if (oldest === undefined || oldest >= now - this.#within) return false;
    this.#stamps[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#limit;
    return true;
  }

  /** Makes the budget whole again. */
  reset(): void {
    this.#stamps.length = 0;
    this.#oldest = 0;
  }
}
