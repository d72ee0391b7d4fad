import type { Failure, Report, StopReason, Straggler } from '../errors.js';
import type { Outcome } from '../lifecycle/events.js';

/** What a runner keeps account of, for its report. */
export class Books {
  readonly failures: Failure[] = [];
  readonly tolerated: Failure[] = [];
  readonly #counts: Record<Outcome, number> = { completed: 0, stopped: 0, failed: 0 };
  /** Attempts that were given up and are still not over. */
  readonly #abandoned = new Map<object, () => Straggler>();

  count(outcome: Outcome): void {
    this.#counts[outcome]++;
  }

  abandon(attempt: object, describe: () => Straggler): void {
    this.#abandoned.set(attempt, describe);
  }

  /** An attempt that was given up is over at last. */
  recover(attempt: object): void {
    this.#abandoned.delete(attempt);
  }

  report(reason: StopReason, uptime: number): Report {
    return Object.freeze({
      reason,
      failures: Object.freeze([...this.failures]),
      tolerated: Object.freeze([...this.tolerated]),
      stragglers: Object.freeze([...this.#abandoned.values()].map((describe) => describe())),
      counts: Object.freeze({ ...this.#counts }),
      uptime,
    });
  }
}
