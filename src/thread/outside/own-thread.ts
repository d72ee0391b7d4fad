import type { Entry } from '../../task/shapes.js';
import type { ThreadedPayload } from '../../task/threaded-payload.js';
import { Assignment } from './assignment.js';
import { type Keeper, Thread } from './thread.js';

/**
 * The thread of an adopted task, for its whole life: its attempts run on the same one, for as long as
 * that lives and is any good.
 */
export class OwnThread implements Keeper {
  readonly #threads: Set<Thread>;
  readonly #start: (keeper: Keeper) => Thread;
  #thread: Thread | undefined;

  /**
   * @param threads  All that are alive beside the pool, which its own is one of.
   * @param start    Makes a thread; throws when there are to be none any more.
   */
  constructor(threads: Set<Thread>, start: (keeper: Keeper) => Thread) {
    this.#threads = threads;
    this.#start = start;
  }

  enter(entry: Entry, payload: ThreadedPayload): void {
    this.#assign(new Assignment(entry, payload));
  }

  released(thread: Thread): void {
    if (thread.isSpent) void this.end();
  }

  died(thread: Thread, untouched: readonly Assignment[]): void {
    this.#threads.delete(thread);
    if (this.#thread === thread) this.#thread = undefined;
    for (const assignment of untouched) this.#assign(assignment);
  }

  /** Nothing runs there any more. Resolves when it's gone. */
  end(): Promise<void> | undefined {
    const thread = this.#thread;
    this.#thread = undefined;
    return thread?.close();
  }

  #assign(assignment: Assignment): void {
    assignment.placeOn(() => {
      const thread = (this.#thread ??= this.#start(this));
      this.#threads.add(thread);
      return thread;
    });
    this.#thread?.flush();
  }
}
