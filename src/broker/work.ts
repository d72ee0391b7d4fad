import { type Subscription, asyncScheduler } from 'rxjs';
import type { Claimed } from './stored-job.js';

/** How often it's looked for work that nobody has told of, in ms. */
const POLL = 500;
/** How many jobs are claimed at once, at the most. */
const MOST = 500;

/** Where jobs are claimed. */
interface Source {
  claim(most: number): Promise<Claimed[]>;
}

/**
 * Claims as many jobs as there are places for: at once when it's told that there's work or that a place
 * is free, and else every half a second.
 */
export class Work {
  readonly #source: Source;
  readonly #places: number;
  readonly #begin: (claimed: Claimed) => void;
  readonly #failed: (error: unknown) => void;
  #taken = 0;
  #isClaiming = false;
  #isWanted = false;
  #poll: Subscription | undefined;

  /** @param begin  Does a job that has been claimed, and says `free` when that's over. */
  constructor(
    source: Source,
    places: number,
    begin: (claimed: Claimed) => void,
    failed: (error: unknown) => void,
  ) {
    this.#source = source;
    this.#places = places;
    this.#begin = begin;
    this.#failed = failed;
  }

  start(): void {
    const wake = this.wake;
    this.#poll = asyncScheduler.schedule(function () {
      wake();
      this.schedule(undefined, POLL);
    });
  }

  /** Claims nothing more. What is claimed already is begun, if it's claimed in this moment. */
  stop(): void {
    this.#poll?.unsubscribe();
    this.#poll = undefined;
  }

  /** There may be work. */
  readonly wake = (): void => {
    this.#isWanted = true;
    void this.#claim();
  };

  /** A place is free. */
  free(): void {
    this.#taken--;
    // More was there than there were places for.
    if (this.#isWanted) void this.#claim();
  }

  async #claim(): Promise<void> {
    if (this.#isClaiming) return;
    this.#isClaiming = true;
    while (this.#isWanted && this.#poll && this.#taken < this.#places) {
      const most = Math.min(this.#places - this.#taken, MOST);
      this.#isWanted = false;
      // The places are kept meanwhile.
      this.#taken += most;
      const claimed = await this.#ask(most);
      this.#taken -= most - claimed.length;
      // There may be as many again.
      if (claimed.length === most) this.#isWanted = true;
      for (const each of claimed) this.#begin(each);
    }
    this.#isClaiming = false;
  }

  async #ask(most: number): Promise<Claimed[]> {
    try {
      return await this.#source.claim(most);
    } catch (error) {
      this.#failed(error);
      return [];
    }
  }
}
