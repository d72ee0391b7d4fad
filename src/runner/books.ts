import type { Outcome } from '../lifecycle/events.js';
import type { Failure, Report, StopReason, Straggler } from '../report.js';

/** A failure with its place in the order in which they happened. */
interface Noted {
  readonly order: number;
  readonly failure: Failure;
}

/** What a runner keeps account of, for its report. */
export class Books {
  readonly #failures: Noted[] = [];
  readonly #tolerated: Noted[] = [];
  readonly #counts: Record<Outcome, number> = { completed: 0, stopped: 0, failed: 0 };
  /** Attempts that were given up and are still not over. */
  readonly #abandoned = new Map<object, () => Straggler>();
  #order = 0;

  /** A place in the order, for what has happened now and may be noted later. */
  nextOrder(): number {
    return ++this.#order;
  }

  /** Notes what makes `run()` reject. */
  fail(failure: Failure, order: number = this.nextOrder()): void {
    this.#failures.push({ failure, order });
  }

  hasFailure(error: unknown): boolean {
    return this.#failures.some(({ failure }) => failure.error === error);
  }

  /** Notes what harms nobody. */
  tolerate(failure: Failure, order: number = this.nextOrder()): void {
    this.#tolerated.push({ failure, order });
  }

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
      failures: inOrder(this.#failures),
      tolerated: inOrder(this.#tolerated),
      stragglers: Object.freeze(Array.from(this.#abandoned.values(), (describe) => describe())),
      counts: Object.freeze({ ...this.#counts }),
      uptime,
    });
  }
}

/** A crash counts from when it happened, though it's known to be final only after its teardown. */
const inOrder = (noted: readonly Noted[]): readonly Failure[] =>
  Object.freeze(
    [...noted].sort((a, b) => a.order - b.order).map(({ failure }) => Object.freeze(failure)),
  );
