import type { Entry } from '../../task/shapes.js';
import type { ThreadedPayload } from '../../task/threaded-payload.js';
import type { ThreadSettings } from '../options.js';
import { Assignment } from './assignment.js';
import { type Keeper, Thread } from './thread.js';

/**
 * The thread of an adopted task, for its whole life: its attempts run on the same one, for as long as
 * that lives and is any good.
 */
export class OwnThread implements Keeper {
  readonly #settings: ThreadSettings;
  readonly #threads: Set<Thread>;
  #thread: Thread | undefined;

  /** @param threads  All the threads that are alive, to which this one's are added. */
  constructor(settings: ThreadSettings, threads: Set<Thread>) {
    this.#settings = settings;
    this.#threads = threads;
  }

  /** @throws what Node says to impossible options */
  enter(entry: Entry, payload: ThreadedPayload): void {
    this.#assign(new Assignment(entry, payload));
  }

  released(thread: Thread): void {
    if (thread.isTainted || thread.runs >= this.#settings.maxRuns) this.end();
  }

  died(thread: Thread, untouched: readonly Assignment[]): void {
    this.#threads.delete(thread);
    if (this.#thread === thread) this.#thread = undefined;
    for (const assignment of untouched) this.#assign(assignment);
  }

  /** Nothing runs there any more. */
  end(): void {
    void this.#thread?.close();
    this.#thread = undefined;
  }

  #assign(assignment: Assignment): void {
    this.#thread ??= this.#start();
    this.#thread.assign(assignment);
  }

  #start(): Thread {
    const thread = new Thread(this.#settings, this);
    this.#threads.add(thread);
    return thread;
  }
}
