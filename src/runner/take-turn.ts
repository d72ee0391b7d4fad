import type { SchedulerLike, Unsubscribable } from 'rxjs';
import { asap } from '../schedulers/asap-scheduler.js';
import { scheduleLater } from '../schedulers/schedule-later.js';

/** What waits for its flavour's scheduler. */
interface Waiting {
  /** Its turn in the fair queue has come. */
  execute(): void;
  /** Its turn has come. */
  open(): void;
  /** It never will: the scheduler threw. */
  openFailed(error: unknown): void;
}

/** Stands for a place in the fair queue. */
export const QUEUED: Unsubscribable = Object.freeze({ unsubscribe: () => undefined });

/**
 * Has something wait for its turn on a scheduler. It's never run in the caller's stack, whatever the
 * scheduler is.
 *
 * @returns What takes it out again.
 */
export function takeTurn(waiting: Waiting, scheduler: SchedulerLike): Unsubscribable {
  if (scheduler === asap) {
    // The same as below, without an action for each of a hundred thousand.
    asap.enqueue(waiting);
    return QUEUED;
  }
  try {
    return scheduleLater(scheduler, 0, () => {
      waiting.open();
    });
  } catch (error) {
    return asap.schedule(() => {
      waiting.openFailed(error);
    });
  }
}
