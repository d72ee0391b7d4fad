import { Observable, type Subscriber } from 'rxjs';
import type { LifecycleEvent } from '../lifecycle/events.js';
import type { Stage } from '../lifecycle/narrator.js';
import { surface } from '../schedulers/surface.js';
import { takeCharge } from '../task/in-charge.js';

/**
 * The one stream of events. Hot; it never errors and is closed by its runner alone.
 *
 * A Subject would do, but for two things. It's re-entrant: an observer that causes an event while
 * handling one would make the next observers see them in the wrong order, so what is told during a
 * delivery queues behind it here. And it makes a closure and an iterator for every event.
 */
export class EventStream implements Stage {
  readonly events$: Observable<LifecycleEvent>;
  readonly now: () => number;
  /** Replaced, never changed: a delivery goes to those who were there when it began. */
  #observers: readonly Subscriber<LifecycleEvent>[] = [];
  #queue: (LifecycleEvent | (() => void))[] = [];
  #delivering = false;
  #closed = false;

  constructor(now: () => number) {
    this.now = now;
    this.events$ = new Observable((subscriber) => {
      if (this.#closed) subscriber.complete();
      else this.#observers = [...this.#observers, subscriber];
      return () => {
        this.#observers = this.#observers.filter((observer) => observer !== subscriber);
      };
    });
  }

  get observed(): boolean {
    return this.#observers.length > 0;
  }

  deliver(event: LifecycleEvent): void {
    if (this.#delivering) {
      this.#queue.push(event);
      return;
    }
    this.#delivering = true;
    // Observers are outside, whatever is being entered at this moment.
    const inCharge = takeCharge(undefined);
    this.#show(event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (typeof next === 'function') next();
      else this.#show(next);
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
      this.#closed = true;
      for (const observer of this.#observers) {
        try {
          observer.complete();
        } catch (error) {
          surface(error);
        }
      }
    });
  }

  #show(event: LifecycleEvent): void {
    for (const observer of this.#observers) {
      try {
        observer.next(event);
      } catch (error) {
        // RxJS fences ordinary observers itself; this is for a subscriber that isn't one.
        surface(error);
      }
    }
  }
}
