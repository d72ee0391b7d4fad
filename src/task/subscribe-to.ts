import type { Observer, Subscriber, Unsubscribable } from 'rxjs';
import { interop, isObservable } from './payload.js';

/**
 * Subscribes to an Observable, of whatever copy of RxJS, or to what has only the interop method.
 *
 * RxJS itself is not needed for that, and not loaded: on a thread that takes longer than most payloads.
 *
 * @see RxJS's `from`, which does the same
 */
export function subscribeTo(source$: object, subscriber: Subscriber<unknown>): void {
  if (isObservable(source$)) {
    subscribe(source$, subscriber);
    return;
  }
  try {
    subscribe(toSubscribable(source$), subscriber);
  } catch (error) {
    subscriber.error(error);
  }
}

interface Subscribable {
  subscribe(observer: Observer<unknown>): Unsubscribable;
}

function toSubscribable(source$: object): Subscribable {
  const observable$ = interop(source$)?.call(source$) as Partial<Subscribable> | null | undefined;
  if (typeof observable$?.subscribe === 'function') return observable$ as Subscribable;
  throw new TypeError('what the method Symbol.observable returned has no method subscribe');
}

function subscribe(observable$: Subscribable, subscriber: Subscriber<unknown>): void {
  const subscription = observable$.subscribe(
    isOld(observable$) ? toObserver(subscriber) : subscriber,
  );
  // RxJS 7 returns the subscriber itself; anything else returns a subscription of its own.
  if (subscription !== subscriber) subscriber.add(subscription);
}

/** Of RxJS 5 or 6, which calls the methods of what inherits from an observer: a subscriber's state would be lost there. */
const isOld = (observable$: object) => '_isScalar' in observable$;

const toObserver = (subscriber: Subscriber<unknown>): Observer<unknown> => ({
  next: (value) => {
    subscriber.next(value);
  },
  error: (error) => {
    subscriber.error(error);
  },
  complete: () => {
    subscriber.complete();
  },
});
