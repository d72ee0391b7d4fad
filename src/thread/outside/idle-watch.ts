import { performance } from 'node:perf_hooks';
import { clearTimeout } from 'node:timers';
import { startTimer } from './start-timer.js';
import type { Thread } from './thread.js';

/** Lets threads go that have had nothing to run for a while. It keeps no process alive. */
export class IdleWatch {
  readonly #timeout: number;
  readonly #threads: Iterable<Thread>;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout  In ms. */
  constructor(timeout: number, threads: Iterable<Thread>) {
    this.#timeout = timeout;
    this.#threads = threads;
  }

  /** A thread has nothing to run. One timer is armed for all. */
  idle(): void {
    this.#timer ??= this.#wakeIn(this.#timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #look = (): void => {
    const now = performance.now();
    let soonest = Infinity;
    for (const thread of this.#threads) {
      if (thread.load > 0 || thread.isLeaving) continue;
      const left = thread.pace.lastHeard + this.#timeout - now;
      if (left <= 0) void thread.close();
      else soonest = Math.min(soonest, left);
    }
    this.#timer = soonest < Infinity ? this.#wakeIn(soonest) : undefined;
  };

  #wakeIn(ms: number): NodeJS.Timeout | undefined {
    return startTimer(this.#look, ms);
  }
}
