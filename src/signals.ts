import { Observable } from 'rxjs';

/**
 * Emits the name of each signal that arrives. Listens only while subscribed: the handlers go with the
 * subscription, and with them the default action (which ends the process) comes back.
 *
 * @param source  What emits the signals. @default process
 */
export function fromSignals(
  signals: readonly NodeJS.Signals[],
  source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = process,
): Observable<NodeJS.Signals> {
  return new Observable((subscriber) => {
    const listener = (signal: NodeJS.Signals) => {
      subscriber.next(signal);
    };
    for (const signal of signals) source.on(signal, listener);
    return () => {
      for (const signal of signals) source.off(signal, listener);
    };
  });
}
