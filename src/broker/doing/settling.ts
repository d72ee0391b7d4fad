import type { Job } from '../../backends/job.js';
import type { StopReason } from '../../report.js';
import { Batch } from '../batch.js';
import { type Claimed, delayAfter } from '../jobs/stored-job.js';

/** How many jobs are settled at once, at the most. */
const AT_ONCE = { count: 1_000 };

/** How an attempt has ended. */
export type Ending =
  | { readonly type: 'completed' }
  /** @param isFinal  Whether it's not done again, whatever it was told. */
  | { readonly type: 'failed'; readonly error: unknown; readonly isFinal?: boolean }
  /** Nobody wants it any more. */
  | { readonly type: 'cancelled'; readonly reason: StopReason }
  /** It was stopped, or never begun: it's somebody else's. */
  | { readonly type: 'undone' };

/** Where it's kept what becomes of jobs. */
interface Settled {
  complete(claimed: readonly Claimed[]): Promise<void>;
  fail(claimed: Claimed, error: unknown, delay: number | undefined): Promise<void>;
  giveBack(claimed: readonly Claimed[]): Promise<void>;
}

/** Who is told. */
export interface SettlingTold {
  /** An attempt is over. Resolves when what it has emitted is kept, if it's to be. */
  readonly over: (claimed: Claimed) => Promise<void>;
  /** An attempt has been stopped since nobody wants it any more. Resolves when that is kept. */
  readonly cancelled: (claimed: Claimed, reason: StopReason) => Promise<void>;
  /** A job is over, for good. */
  readonly settled: (claimed: Claimed) => void;
  /** Waits for the database as long as anybody does. */
  readonly lasting: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Says to the database what has become of attempts, and so whether there's another one. */
export class Settling {
  /** What was not done here. */
  readonly undone: Job[] = [];
  readonly #store: Settled;
  readonly #told: SettlingTold;
  readonly #completions: Batch<Claimed>;
  readonly #returns: Batch<Claimed>;

  constructor(store: Settled, told: SettlingTold) {
    this.#store = store;
    this.#told = told;
    this.#completions = new Batch((all) => told.lasting(() => store.complete(all)), AT_ONCE);
    this.#returns = new Batch((all) => store.giveBack(all), AT_ONCE);
  }

  /** @returns A promise that rejects with what the database says: nobody knows then what became of it. */
  async settle(claimed: Claimed, ending: Ending): Promise<void> {
    try {
      if (claimed.isExecuted) await this.#told.over(claimed);
      if (await this.#write(claimed, ending)) this.#told.settled(claimed);
    } catch (error) {
      this.undone.push(claimed.job);
      throw error;
    }
  }

  /** @returns Whether it's over for good. */
  async #write(claimed: Claimed, ending: Ending): Promise<boolean> {
    const { again } = claimed;
    switch (ending.type) {
      case 'completed': {
        const delay = again?.after === 'any' ? this.#delayOf(claimed) : undefined;
        if (delay === undefined) await this.#completions.add(claimed);
        else await this.#fail(claimed, undefined, delay);
        return delay === undefined;
      }
      case 'failed': {
        const delay = ending.isFinal === true ? undefined : this.#delayOf(claimed);
        await this.#fail(claimed, ending.error, delay);
        return delay === undefined;
      }
      case 'cancelled':
        await this.#told.lasting(() => this.#told.cancelled(claimed, ending.reason));
        return true;
      case 'undone':
        // Once: from then on it may be another's, who has it as the same attempt.
        await this.#returns.add(claimed);
        this.undone.push(claimed.job);
        return false;
    }
  }

  /** How long until the next attempt, in seconds; nothing if that was the last one. */
  #delayOf({ again, retryCount }: Claimed): number | undefined {
    return again && delayAfter(again, retryCount + 1);
  }

  #fail(claimed: Claimed, error: unknown, delay: number | undefined): Promise<void> {
    return this.#told.lasting(() => this.#store.fail(claimed, error, delay));
  }
}
