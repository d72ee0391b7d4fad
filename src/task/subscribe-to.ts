import type { Subscriber, Unsubscribable } from 'rxjs';
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
    link(source$.subscribe(subscriber), subscriber);
    return;
  }
  try {
    link(toSubscribable(source$).subscribe(subscriber), subscriber);
  } catch (error) {
    subscriber.error(error);
  }
}

interface Subscribable {
  subscribe(subscriber: Subscriber<unknown>): Unsubscribable;
}

function toSubscribable(source$: object): Subscribable {
  const observable$ = interop(source$)?.call(source$) as Partial<Subscribable> | null | undefined;
  if (typeof observable$?.subscribe === 'function') return observable$ as Subscribable;
  throw new TypeError('what the method Symbol.observable returned has no method subscribe');
}

/** RxJS 7 returns the subscriber itself; anything else returns a subscription of its own. */
function link(subscription: Unsubscribable, subscriber: Subscriber<unknown>): void {
  if (subscription !== subscriber) subscriber.add(subscription);
}
