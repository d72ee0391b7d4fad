import {
  type Observable,
  delay,
  fromEvent,
  ignoreElements,
  merge,
  mergeMap,
  retry,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { TaskContext } from 'rxvisor';
import { openLine } from './line.js';
import type { Outbox } from './outbox.js';

interface Desk {
  readonly outbox: Outbox;
  /** Where the collector listens. */
  readonly port: () => number;
}

/** Batches that are under way at a time. */
const WINDOW = 4;
/** How long it still tries when it has been asked to stop, and how soon again. In ms. */
const LAST_CALL = 1_000;
const AGAIN = 50;

/**
 * Reports what is in the outbox until that's drained. It crashes when the connection breaks, and its
 * next attempt sends again whatever has not been acknowledged.
 */
export const uplink =
  ({ outbox, port }: Desk) =>
  ({ ready, signal }: TaskContext): Observable<never> =>
    openLine(port()).pipe(
      tap(ready),
      mergeMap((line) => outbox.waiting$.pipe(mergeMap((batch) => line.ask(batch), WINDOW))),
      tap(({ id }) => {
        outbox.acknowledge(id);
      }),
      // Nobody restarts what is being stopped, so for its last batches it tries again by itself.
      retry({
        delay: (error: unknown) => (signal.aborted ? timer(AGAIN) : throwError(() => error)),
      }),
      ignoreElements(),
      takeUntil(merge(outbox.drained$, fromEvent(signal, 'abort').pipe(delay(LAST_CALL)))),
    );
