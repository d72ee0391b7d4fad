import type { Claimed } from '../jobs/stored-job.js';
import type { Beating } from './beat.js';
import { Claims } from './claims.js';

/** Sees to it that the claims of this process don't look lost, however busy its main thread is. */
export class Heartbeats {
  readonly #claims: Claims;
  #beating: Beating | undefined;

  /** @param begin  Called when there's a claim for the first time. */
  constructor(begin: () => Beating) {
    this.#claims = new Claims((page) => {
      this.#beating ??= begin();
      this.#beating.add(page);
    });
  }

  hold(claimed: Claimed): void {
    this.#claims.hold(claimed);
  }

  release(claimed: Claimed): void {
    this.#claims.release(claimed);
  }

  async stop(): Promise<void> {
    await this.#beating?.stop();
  }
}
