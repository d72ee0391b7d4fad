import type { SchedulerLike, Unsubscribable } from 'rxjs';
import { AsapScheduler, asap } from '../schedulers/asap-scheduler.js';
import type { Queued } from '../schedulers/queued-action.js';
import { scheduleLater } from '../schedulers/schedule-later.js';
import { isThreadScheduler } from '../thread/thread-scheduler.js';

/** What waits for its flavour's scheduler. */
interface Waiting extends Queued {
  /** Its turn has come. */
  open(): void;
  /** It never will: the scheduler threw. */
  openFailed(error: unknown): void;
}

/** Stands for a place in a queue of ours, which calls `execute`. */
export const QUEUED: Unsubscribable = Object.freeze({ unsubscribe: () => undefined });

/**
 * Has something wait for its turn on a scheduler. It's never run in the caller's stack, whatever the
 * scheduler is.
 *
 * @returns What takes it out again.
 */
export function takeTurn(waiting: Waiting, scheduler: SchedulerLike): Unsubscribable {
  try {
    if (scheduler instanceof AsapScheduler || isThreadScheduler(scheduler)) {
      // The same as below, without an action for each of a hundred thousand.
      scheduler.enqueue(waiting);
      return QUEUED;
    }
    return scheduleLater(scheduler, 0, () => {
      waiting.open();
    });
  } catch (error) {
    return asap.schedule(() => {
      waiting.openFailed(error);
    });
  }
}
