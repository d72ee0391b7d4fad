import { Fifo } from '../../schedulers/fifo.js';
import type { Queued } from '../../schedulers/queued-action.js';
import { checkRoom, hasRoom } from '../check-room.js';
import type { ThreadSettings } from '../options.js';

/** Above how many it's worth looking for cancelled ones. */
const MANY = 1_024;
const isCancelled = ({ closed = false }: Queued) => closed;

/** What waits to be admitted, in the order of its coming. What has been cancelled doesn't pile up in it. */
export class WaitingRoom {
  readonly #queue = new Fifo<Queued>();
  readonly #settings: ThreadSettings;
  #many = MANY;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#queue.size;
  }

  get first(): Queued | undefined {
    return this.#queue.first;
  }

  /**
   * @param countInside  How many have been admitted and are not over; asked only if that matters.
   * @throws {@link QueueFullError}
   */
  push(action: Queued, countInside: () => number): void {
    if (this.#settings.maxQueue < Infinity) this.#check(countInside());
    // Those that are there: of the one that comes, nobody knows yet that it waits.
    if (this.size >= this.#many) {
      this.#queue.drop(isCancelled);
      this.#many = Math.max(MANY, this.size * 2);
    }
    this.#queue.push(action);
  }

  shift(): Queued | undefined {
    return this.#queue.shift();
  }

  #check(inside: number): void {
    if (hasRoom(inside + this.size, this.#settings)) return;
    this.#queue.drop(isCancelled);
    checkRoom(inside + this.size, this.#settings);
  }
}
