import { Observable } from 'rxjs';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Stage } from '../lifecycle/narrator.js';
import { takeCharge } from '../task/in-charge.js';
import { Audience } from './audience.js';

/**
 * The one stream of events. Hot; it never errors and is closed by its runner alone.
 *
 * An observer that causes an event while handling one would make the next observers see them in the
 * wrong order, so what is told during a delivery queues behind it.
 */
export class EventStream implements Stage {
  readonly events$: Observable<LifecycleEvent>;
  readonly now: () => number;
  readonly #audience = new Audience<LifecycleEvent>();
  #queue: (LifecycleEvent | (() => void))[] = [];
  #delivering = false;

  constructor(now: () => number) {
    this.now = now;
    this.events$ = new Observable((subscriber) => this.#audience.join(subscriber));
  }

  get observed(): boolean {
    return this.#audience.observed;
  }

  deliver(event: LifecycleEvent): void {
    if (this.#delivering) {
      this.#queue.push(event);
      return;
    }
    this.#delivering = true;
    // Observers are outside, whatever is being entered at this moment.
    const inCharge = takeCharge(undefined);
    this.#audience.next(event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (typeof next === 'function') next();
      else this.#audience.next(next);
    }
    takeCharge(inCharge);
    this.#delivering = false;
  }

  /** Does something when everybody has seen what has been told so far: now, if nothing is under way. */
  whenDelivered(work: () => void): void {
    if (this.#delivering) this.#queue.push(work);
    else work();
  }

  close(): void {
    this.whenDelivered(() => {
      this.#audience.complete();
    });
  }
}
