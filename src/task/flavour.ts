import type { SchedulerLike, Subscriber } from 'rxjs';
import type { TaskContext } from './context.js';
import type { Payload } from './payload.js';

/**
 * Where and when a payload runs: an RxJS scheduler decides when, `enter` how.
 *
 * The interface is the package's own and small, so that the core outlives RxJS's schedulers.
 */
export interface Flavour {
  /** As it appears in events. */
  readonly name: string;
  /** When an attempt is entered: one `schedule` per attempt. */
  readonly scheduler: SchedulerLike;
  /** Runs one attempt. Its payload's values and end go to the entry; what it throws is a crash. */
  readonly enter: (entry: Entry) => void;
}

/** One attempt, as a flavour sees it: what is to be run, and the subscriber that its notifications go to. */
export interface Entry extends Subscriber<unknown> {
  readonly payload: Payload;
  readonly args: readonly unknown[];
  readonly context: TaskContext;
  /**
   * How the payload is left when the attempt is asked to stop. To be set before the first value.
   *
   * - `'unsubscribe'`: at once (an Observable), unless its function has read `context.signal`
   * - `'wait'`: it ends by itself (a promise)
   * - a function: called to ask it to end, which it then does by itself (an iterator)
   */
  leave: Leave | undefined;
  /** Demand: whether a pulled source may be asked for its next value now; if not, `resume` is called when it may. */
  mayPull(resume: () => void): boolean;
}

export type Leave = 'unsubscribe' | 'wait' | (() => void);
