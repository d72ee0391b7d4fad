import { type SchedulerAction, Subscription, asyncScheduler } from 'rxjs';
import { surface } from './surface.js';

/** What waits in a queue for its turn. */
export interface Queued {
  /** Whether it has been taken back: it need not wait any more. */
  readonly closed?: boolean;
  /** Whether it crosses to a thread: then it may wait there, and need not wait for one that is free. */
  readonly crosses?: boolean;
  execute(): void;
}

/** A queue in which an action can be put. */
interface Queue {
  /** @throws when it takes no more. */
  enqueue(action: Queued): void;
  /** The same for one that has slept. */
  wake(action: Queued): void;
}

export type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/** One piece of scheduled work: pending once at the most, scheduling it again replaces what was pending. */
export class QueuedAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #scheduler: Queue;
  readonly #work: Work<T>;
  #state: T | undefined;
  #queued = false;
  #timer: Subscription | undefined;

  constructor(scheduler: Queue, work: Work<T>) {
    super();
    this.#scheduler = scheduler;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#state = state;
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    if (delay > 0) this.#wait(delay);
    else if (!this.#queued) {
      this.#scheduler.enqueue(this);
      this.#queued = true;
    }
    return this;
  }

  execute(): void {
    if (this.closed || !this.#queued) return;
    this.#queued = false;
    try {
      this.#work.call(this, this.#state);
    } catch (error) {
      this.unsubscribe();
      throw error;
    }
  }

  override unsubscribe(): void {
    this.#timer?.unsubscribe();
    super.unsubscribe();
  }

  #wait(delay: number): void {
    this.#queued = false;
    this.#timer = asyncScheduler.schedule(() => {
      this.#queued = true;
      this.#scheduler.wake(this);
    }, delay);
  }
}

/** The fence between one action and the next. */
export function executeFenced(action: Queued): void {
  try {
    action.execute();
  } catch (error) {
    surface(error);
  }
}
