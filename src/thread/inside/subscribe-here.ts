import { createRequire } from 'node:module';
import type { Observer, Subscriber as RxSubscriber } from 'rxjs';
import { subscribeTo } from '../../task/subscribe-to.js';

const require = createRequire(import.meta.url);

/**
 * Subscribes an Observable in this thread. Only a payload that returns one needs RxJS, and its module
 * has loaded that already: for the others, loading it would double the time that a thread takes to start.
 *
 * @param unsubscribable  Told how to unsubscribe, before the source can emit.
 */
export function subscribeHere(
  source$: object,
  observer: Observer<unknown>,
  unsubscribable: (unsubscribe: () => void) => void,
): void {
  const { Subscriber } = require('rxjs') as { Subscriber: typeof RxSubscriber };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- what `subscribe` makes of an observer can't be unsubscribed before it has emitted
  const subscriber = new Subscriber<unknown>(observer);
  unsubscribable(() => {
    subscriber.unsubscribe();
  });
  subscribeTo(source$, subscriber);
}
