/** For how long what waits here is to last, in ms. */
const LASTS = 20;
/** How many jobs may wait here. */
const MOST = 1_000;
/** How large all of them may be, in bytes as PostgreSQL keeps them. */
const MOST_BYTES = 4_000_000;

/** How many jobs it's worth to claim ahead of time: by how long one takes here, and how large it is. */
export class Ahead {
  readonly #places: number;
  /** In ms, of those of late most of all. */
  #takes: number | undefined;
  /** In bytes, of those of late most of all. */
  #size: number | undefined;

  constructor(places: number) {
    this.#places = places;
  }

  get most(): number {
    if (this.#takes === undefined) return 0;
    const done = (this.#places * LASTS) / Math.max(this.#takes, 0.01);
    return Math.floor(Math.min(done, MOST, MOST_BYTES / (this.#size ?? 1)));
  }

  /** One has been claimed. */
  isOf(size: number): void {
    this.#size = average(this.#size, size);
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
