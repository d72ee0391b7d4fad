/** For how long what waits here is to last, in ms. */
const LASTS = 20;
/** How many jobs may wait here. */
const MOST = 1_000;
/** How large all of them may be, in bytes as PostgreSQL keeps them. */
const MOST_BYTES = 4_000_000;
/** How many are claimed at once, at the most. */
const AT_ONCE = 500;
/** How long they may take to come, in ms: else it's fewer the next time. Those that take twice as long are given back. */
const COMES_WITHIN = 2_500;

/** How many jobs it's worth to claim, ahead of time and at once: by what has been seen of them here. */
export class Ahead {
  readonly #places: number;
  /** How long one takes to be done, in ms, those of late most of all. */
  #takes: number | undefined;
  /** In bytes, of those of late most of all. */
  #size: number | undefined;
  /** How many to claim at once. */
  atOnce: number = AT_ONCE;

  constructor(places: number) {
    this.#places = places;
  }

  /** How many may wait here. */
  get most(): number {
    if (this.#takes === undefined) return 0;
    const done = (this.#places * LASTS) / Math.max(this.#takes, 0.01);
    return Math.floor(Math.min(done, MOST, MOST_BYTES / (this.#size ?? 1)));
  }

  /** Some have come. */
  came(claimed: readonly { readonly size: number }[], within: number): void {
    const { length } = claimed;
    if (length === 0) return;
    for (const { size } of claimed) this.#size = average(this.#size, size);
    const next = within > COMES_WITHIN ? length >> 1 : this.atOnce * 2;
    this.atOnce = Math.min(Math.max(next, 1), AT_ONCE);
  }

  /** One is over. */
  took(time: number): void {
    this.#takes = average(this.#takes, time);
  }

  /** What was claimed has not been done in time: it's as if nothing were known. */
  forget(): void {
    this.#takes = undefined;
  }
}

const average = (known: number | undefined, next: number) =>
  known === undefined ? next : known * 0.8 + next * 0.2;
