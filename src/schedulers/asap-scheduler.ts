import { setImmediate } from 'node:timers';
import {
  type SchedulerAction,
  type SchedulerLike,
  Subscription,
  asapScheduler,
  asyncScheduler,
} from 'rxjs';
import { surface } from './surface.js';
import { TimeSlice } from './time-slice.js';

/** How long queued work may hold up timers and I/O, in ms. */
const SLICE = 5;

/** What waits in the queue for its turn. */
interface Queued {
  execute(): void;
}

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/**
 * Runs work as microtasks, in the order in which it was scheduled.
 *
 * It stands on RxJS's `asapScheduler` and differs in three ways. It is *linear*: one `asapScheduler`
 * action per flush, however many actions wait. It is *fenced*: an action that throws drops no other,
 * and its error surfaces as RxJS surfaces unhandled errors. It is *fair*: after a time slice it lets
 * the event loop turn, so that timers and I/O get theirs. Under `TestScheduler.run` it is virtual.
 */
export class AsapScheduler implements SchedulerLike {
  readonly #slice = new TimeSlice(SLICE);
  #queue: (Queued | undefined)[] = [];
  #head = 0;
  #flushing = false;

  /** The clock as it was read for the action that runs at this moment. */
  get clock(): number {
    return this.#slice.clock;
  }

  now(): number {
    return asapScheduler.now();
  }

  /** @param delay  In ms; a positive one is a timer, after which the work runs at once. */
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return new AsapAction<T>(this, work).schedule(state, delay);
  }

  /** Whether work that goes on as microtasks has to let the event loop turn. Asking ends the slice. */
  isSliceOver(): boolean {
    return this.#slice.isOver();
  }

  /**
   * Does something when the event loop has turned once. A slice is over in real time only, so this
   * needs no scheduler; `asyncScheduler` would wait for a whole millisecond each time.
   */
  afterTurn(work: () => void): void {
    setImmediate(work);
  }

  /** Queues an action for the next flush. @internal */
  enqueue(action: Queued): void {
    this.#queue.push(action);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#arm();
  }

  /** Somebody else's throwing `asapScheduler` action would take our flush along: it is armed anew. */
  #arm(): void {
    let flushed = false;
    const flush = () => {
      flushed = true;
      this.#flush();
    };
    asapScheduler.schedule(flush).add(() => {
      if (!flushed) this.#arm();
    });
  }

  readonly #flush = (): void => {
    while (this.#head < this.#queue.length) {
      if (this.#slice.isOver()) {
        // As a microtask again: outside of them a throw costs twice as much.
        this.afterTurn(() => {
          this.#arm();
        });
        return;
      }
      const action = this.#queue[this.#head];
      this.#queue[this.#head++] = undefined;
      if (action) execute(action);
      this.#dropDone();
    }
    this.#queue.length = 0;
    this.#head = 0;
    this.#flushing = false;
  };

  /** Work that keeps scheduling work never empties the queue, so what is done must not pile up in it. */
  #dropDone(): void {
    if (this.#head < 4_096 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}

/** The fence between one action and the next. */
function execute(action: Queued): void {
  try {
    action.execute();
  } catch (error) {
    surface(error);
  }
}

/** One piece of scheduled work: pending once at the most, scheduling it again replaces what was pending. */
class AsapAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #scheduler: AsapScheduler;
  readonly #work: Work<T>;
  #state: T | undefined;
  #queued = false;
  #timer: Subscription | undefined;

  constructor(scheduler: AsapScheduler, work: Work<T>) {
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
      this.#queued = true;
      this.#scheduler.enqueue(this);
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
      execute(this);
    }, delay);
  }
}

/** The one queue of the process. */
export const asap: AsapScheduler = new AsapScheduler();
