/**
 * Counts restarts in a sliding window, boundary included: at most `limit` in any span of `within` ms.
 *
 * It holds at most `limit` stamps; an unlimited budget holds none.
 */
export class RestartBudget {
  readonly #limit: number;
  readonly #within: number;
  #stamps: number[] = [];

  constructor(limit: number, within: number) {
    this.#limit = limit;
    this.#within = within;
  }

  /** Takes one restart out of the budget, if there is one left. */
  take(now: number): boolean {
    if (this.#limit === Infinity) return true;
    while (this.#stamps.length > 0 && this.#stamps[0]! < now - this.#within) this.#stamps.shift();
    if (this.#stamps.length >= this.#limit) return false;
    this.#stamps.push(now);
    return true;
  }

  /** Makes the budget whole again. */
  reset(): void {
    this.#stamps = [];
  }
}
