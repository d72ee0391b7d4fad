import { performance } from 'node:perf_hooks';
import { SEATS } from '../seats.js';

const FEW = 2;

/** How fast a thread is, from what comes of it. */
export class Pace {
  /** How many payloads may wait on it for their turn: few, unless they prove to be short. */
  ahead: number = FEW;
  /** The clock when something had last come of it, or when it was given something after a pause. */
  lastHeard = 0;
  #released = 0;

  begin(): void {
    this.lastHeard = performance.now();
  }

  /** Something is over. */
  released(): void {
    this.#released++;
  }

  /** That was all for now. */
  drained(): void {
    this.ahead = Math.min(Math.max(this.#released * 2, FEW), SEATS / 2);
    this.#released = 0;
    this.lastHeard = performance.now();
  }
}
