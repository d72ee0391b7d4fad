import { setImmediate } from 'node:timers';
import { type SchedulerLike, type Subscription, asapScheduler } from 'rxjs';
import { Fifo } from './fifo.js';
import { type Queued, QueuedAction, type Work, executeFenced } from './queued-action.js';
import { TimeSlice } from './time-slice.js';

/** How long queued work may hold up timers and I/O, in ms. */
const SLICE = 5;

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
  readonly #queue = new Fifo<Queued>();
  #flushing = false;
  #unasked = 0;

  /** The clock as it was read for the action that runs at this moment. */
  get clock(): number {
    return this.#slice.clock;
  }

  now(): number {
    return asapScheduler.now();
  }

  /** @param delay  In ms; a positive one is a timer, after which the work runs at once. */
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return new QueuedAction<T>(this, work).schedule(state, delay);
  }

  /**
   * Whether work that goes on as microtasks has to let the event loop turn. Asking ends the slice. Asked
   * again and again within a millisecond it looks at the clock every eighth time only.
   */
  isSliceOver(): boolean {
    if (--this.#unasked > 0) return false;
    const before = this.#slice.clock;
    const isOver = this.#slice.isOver();
    this.#unasked = this.#slice.clock === before ? 8 : 1;
    return isOver;
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

  /** Runs an action that has slept: a timer has given everybody else their turn. @internal */
  wake(action: Queued): void {
    executeFenced(action);
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
    while (this.#queue.size > 0) {
      if (this.#slice.isOver()) {
        // As a microtask again: outside of them a throw costs twice as much.
        this.afterTurn(() => {
          this.#arm();
        });
        return;
      }
      const action = this.#queue.shift();
      if (action) executeFenced(action);
    }
    this.#flushing = false;
  };
}

/** The one queue of the process. */
export const asap: AsapScheduler = new AsapScheduler();
