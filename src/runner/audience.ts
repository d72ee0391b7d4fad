import type { Subscriber, TeardownLogic } from 'rxjs';
import { surface } from '../schedulers/surface.js';

/**
 * Those who listen to one stream, each fenced from the others and from whoever speaks.
 *
 * A Subject would do, but for a subscriber that RxJS doesn't fence (it may be of somebody's own making):
 * when that one throws, those after it would hear nothing.
 */
export class Audience<T> {
  /** Replaced, never changed: a value goes to those who were there when its delivery began. */
  #listeners: readonly Subscriber<T>[] = [];
  #end: ((listener: Subscriber<T>) => void) | undefined;

  get observed(): boolean {
    return this.#listeners.length > 0;
  }

  /** Whoever comes late gets the end. */
  join(listener: Subscriber<T>): TeardownLogic {
    if (this.#end) {
      this.#end(listener);
      return;
    }
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
    };
  }

  next(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener.next(value);
      } catch (error) {
        surface(error);
      }
    }
  }

  complete(): void {
    this.#close((listener) => {
      listener.complete();
    });
  }

  error(error: unknown): void {
    this.#close((listener) => {
      listener.error(error);
    });
  }

  #close(end: (listener: Subscriber<T>) => void): void {
    if (this.#end) return;
    this.#end = end;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) {
      try {
        end(listener);
      } catch (error) {
        surface(error);
      }
    }
  }
}
