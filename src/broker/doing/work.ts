import { type Subscription, asyncScheduler } from 'rxjs';
import { BackendDownError } from '../../errors.js';
import { Fifo } from '../../schedulers/fifo.js';
import type { Claimed } from '../jobs/stored-job.js';
import { Ahead } from './ahead.js';
import { scheduleEvery } from '../../schedulers/schedule-in.js';

/** How often it's looked for work that nobody has told of, in ms. */
const POLL = 500;
/** For how long one may wait here that another process could do, in ms. */
const PATIENCE = 100;
/** For how long one may have waited here that is begun, in ms: nobody says that somebody is at it, so it's soon another's. */
const STALE = 5_000;

/** Where jobs are claimed, and given back. */
interface Source {
  /** Whether others may have to wait for what is claimed here: then nothing is claimed ahead of time. */
  readonly isLimited?: boolean;
  claim(most: number): Promise<Claimed[]>;
  giveBack(claimed: readonly Claimed[]): Promise<void>;
}

/** What has been claimed, and isn't begun. */
interface Waiting {
  readonly claimed: Claimed;
  /** When it was asked for: it may have been claimed at once. */
  readonly asked: number;
  /** When it has come. */
  readonly since: number;
}

/** What is done with them. */
interface Told {
  /** Whether jobs can be begun here: if not, none is claimed, and none waits. */
  readonly isOpen: () => boolean;
  /** Does a job, and says `free` when that's over. */
  readonly begin: (claimed: Claimed) => void;
  /** The database didn't answer. */
  readonly failed: (error: unknown) => void;
}

/**
 * Claims as many jobs as there are places for: at once when it's told that there's work or that a place
 * is free, and else every half a second.
 *
 * Of short ones some are claimed ahead of time, as many as are done while more are fetched: see `ahead.ts`.
 * When one has waited here for long, all that wait are given back.
 */
export class Work {
  readonly #source: Source;
  readonly #places: number;
  readonly #told: Told;
  readonly #waiting = new Fifo<Waiting>();
  #taken = 0;
  /** How many are being done whose machine was lost the last time, perhaps by them. */
  #suspects = 0;
  readonly #begunAt = new Map<Claimed, number>();
  readonly #ahead: Ahead;
  #claiming: Promise<void> | undefined;
  #isWanted = false;
  #poll: Subscription | undefined;

  constructor(source: Source, places: number, told: Told) {
    this.#source = source;
    this.#places = places;
    this.#ahead = new Ahead(places);
    this.#told = told;
  }

  start(): void {
    const look = () => {
      this.#giveBackLate(this.#told.isOpen() ? PATIENCE : 0);
      this.wake();
    };
    this.#poll = scheduleEvery(POLL, look, 0);
  }

  /** Claims nothing more. Resolves when what has been claimed ahead of time has been given back. */
  async stop(): Promise<void> {
    this.#poll?.unsubscribe();
    this.#poll = undefined;
    await this.#claiming;
    await this.#giveBack();
  }

  /** There may be work. */
  readonly wake = (): void => {
    this.#isWanted = true;
    this.#proceed();
  };

  /** A place is free. */
  free(claimed: Claimed): void {
    this.#taken--;
    if (claimed.wasLost) this.#suspects--;
    this.#ahead.took(asyncScheduler.now() - (this.#begunAt.get(claimed) ?? 0));
    this.#begunAt.delete(claimed);
    this.#begin();
    // More was there than there was room for.
    if (this.#isWanted) this.#proceed();
  }

  get #isOpen(): boolean {
    return this.#poll !== undefined && this.#told.isOpen();
  }

  /** How many it's worth to ask for: none as long as there's half of what may wait. */
  get #room(): number {
    // What waits here would be lost with this process, and count an attempt.
    const ahead = this.#source.isLimited || this.#suspects > 0 ? 0 : this.#ahead.most;
    if (this.#waiting.size > ahead / 2) return 0;
    return this.#places - this.#taken + ahead - this.#waiting.size;
  }

  #proceed(): void {
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = undefined;
      // What was over at once has asked for more in vain.
      if (this.#isWanted && this.#isOpen && this.#room > 0) this.#proceed();
    });
  }

  async #claim(): Promise<void> {
    while (this.#isWanted && this.#isOpen && this.#room > 0) {
      const most = Math.min(this.#room, this.#ahead.atOnce);
      this.#isWanted = false;
      const asked = asyncScheduler.now();
      const claimed = await this.#ask(most);
      // There may be as many again.
      if (claimed.length === most) this.#isWanted = true;
      const since = asyncScheduler.now();
      this.#ahead.came(claimed, since - asked);
      for (const each of claimed) this.#waiting.push({ claimed: each, asked, since });
      this.#begin();
    }
  }

  #begin(): void {
    // The main thread was busy meanwhile, or the answer late: else they'd have been given back.
    const { first } = this.#waiting;
    if (first && asyncScheduler.now() - first.asked >= STALE) void this.#giveBack();
    while (this.#isOpen && this.#taken < this.#places) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#taken++;
      if (next.claimed.wasLost) this.#suspects++;
      this.#begunAt.set(next.claimed, asyncScheduler.now());
      this.#told.begin(next.claimed);
    }
  }

  async #ask(most: number): Promise<Claimed[]> {
    try {
      return await this.#source.claim(most);
    } catch (error) {
      this.#told.failed(error);
      return [];
    }
  }

  #giveBackLate(patience: number): void {
    const { first } = this.#waiting;
    if (!first || asyncScheduler.now() - first.since < patience) return;
    this.#ahead.forget();
    void this.#giveBack();
  }

  async #giveBack(): Promise<void> {
    const late: Claimed[] = [];
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift())
      late.push(next.claimed);
    if (late.length === 0) return;
    const again = (error: unknown) => {
      // The answer may be lost, and they others'.
      if (error instanceof BackendDownError) throw error;
      return this.#source.giveBack(late);
    };
    await this.#source.giveBack(late).catch(again).catch(this.#told.failed);
  }
}
