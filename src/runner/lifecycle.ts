import { type Observable, Subject } from 'rxjs';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Stage } from '../lifecycle/narrator.js';
import { surface } from '../schedulers/surface.js';

/**
 * The one stream of events. Hot; it never errors and is closed by its runner alone.
 *
 * A Subject is re-entrant: an observer that causes an event while handling one would make the next
 * observers see them in the wrong order. So what is told during a delivery queues behind it.
 */
export class Lifecycle implements Stage {
  readonly #events = new Subject<LifecycleEvent>();
  readonly events$: Observable<LifecycleEvent> = this.#events.asObservable();
  readonly now: () => number;
  #queue: (LifecycleEvent | (() => void))[] = [];
  #delivering = false;

  constructor(now: () => number) {
    this.now = now;
  }

  get observed(): boolean {
    return this.#events.observed;
  }

  deliver(event: LifecycleEvent): void {
    this.#queue.push(event);
    if (!this.#delivering) this.#drain();
  }

  /** Does something when everybody has seen what has been told so far: now, if nothing is under way. */
  whenDelivered(work: () => void): void {
    if (this.#delivering) this.#queue.push(work);
    else work();
  }

  close(): void {
    this.whenDelivered(() => {
      this.#events.complete();
    });
  }

  #drain(): void {
    this.#delivering = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#show(next);
    }
    this.#delivering = false;
  }

  #show(next: LifecycleEvent | (() => void)): void {
    try {
      if (typeof next === 'function') next();
      else this.#events.next(next);
    } catch (error) {
      // RxJS fences ordinary observers itself; this is for a subscriber that isn't one.
      surface(error);
    }
  }
}
