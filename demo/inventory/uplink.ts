import {
  type Observable,
  defer,
  delay,
  fromEvent,
  ignoreElements,
  mergeMap,
  onErrorResumeNextWith,
  retry,
  takeUntil,
  tap,
} from 'rxjs';
import { type TaskContext, exponential, supervise } from 'rxvisor';
import { openLine } from './line.js';
import type { Outbox } from './outbox.js';

interface Desk {
  readonly outbox: Outbox;
  /** Where the collector listens. */
  readonly port: () => number;
}

/** Batches that are under way at a time. */
const WINDOW = 4;
/** For how long it still tries when it has been asked to stop, and how soon again. In ms. */
const LAST_CALL = 1_000;
const AGAIN = 50;

/**
 * Reports what is in the outbox until that's drained. Its connection is a life of its own: it crashes
 * when the line breaks, and its next attempt sends again whatever has not been acknowledged.
 *
 * Asked to stop, its connection stops first, be it in backoff. For the last batches, those that the
 * digester has left as it was stopped itself, it makes one more call.
 */
export const uplink =
  ({ outbox, port }: Desk) =>
  ({ ready, signal }: TaskContext): Observable<never> => {
    const report$ = defer(() => openLine(port())).pipe(
      tap(ready),
      mergeMap((line) => outbox.waiting$.pipe(mergeMap((batch) => line.ask(batch), WINDOW))),
      tap(({ id }) => {
        outbox.acknowledge(id);
      }),
      ignoreElements(),
      takeUntil(outbox.drained$),
    );
    const connection$ = report$.pipe(
      supervise({
        name: 'connection',
        backoff: exponential({ initial: 50, max: 250, jitter: 'equal' }),
        resetAfter: 500,
      }),
    );
    const lastCall$ = report$.pipe(retry({ delay: AGAIN }));
    const timeIsUp$ = fromEvent(signal, 'abort').pipe(delay(LAST_CALL));
    // Stopped with its task, a supervised source errors: it hasn't got to its end.
    return connection$.pipe(onErrorResumeNextWith(lastCall$), takeUntil(timeIsUp$));
  };
