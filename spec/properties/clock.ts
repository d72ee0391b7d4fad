import { type Subscription, VirtualTimeScheduler } from 'rxjs';

/**
 * Virtual time, turned by hand: for the runner, for its flavour and for the payloads, so that a
 * whole program runs in one synchronous stretch.
 */
export class Clock extends VirtualTimeScheduler {
  readonly #own = new Set<Subscription>();

  /** A timer of the test's own, told apart from the runner's. */
  after(delay: number, work: () => void): void {
    const action: Subscription = this.schedule(() => {
      this.#own.delete(action);
      work();
    }, delay);
    this.#own.add(action);
  }

  /** Timers and queued work that are not the test's own. */
  get foreign(): number {
    return this.actions.filter((action) => !this.#own.has(action)).length;
  }

  get isEmpty(): boolean {
    return this.actions.length === 0;
  }

  /** When the next thing is due. */
  get next(): number {
    return this.actions[0]?.delay ?? Infinity;
  }

  /**
   * Turns the clock, doing everything that is due on the way.
   *
   * A storm of work at delay 0 would never let a frame end, so after `limit` actions in one frame it gives up.
   *
   * @returns Whether it got there.
   */
  advance(by: number, limit = 24): boolean {
    const until = this.frame + by;
    let left = limit;
    for (let action = this.actions[0]; action && action.delay <= until; action = this.actions[0]) {
      if (action.delay > this.frame) left = limit;
      if (left-- === 0) return false;
      this.actions.shift();
      this.frame = action.delay;
      const error: unknown = action.execute(action.state, action.delay);
      if (error !== undefined) throw error;
    }
    this.frame = until;
    return true;
  }
}
