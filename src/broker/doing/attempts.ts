import type { Subscription } from 'rxjs';
import type { AdoptedTask } from '../../runner/adopted-task.js';
import type { StopReason } from '../../report.js';
import type { Claimed } from '../jobs/stored-job.js';
import type { Ending } from './settling.js';
import { scheduleIn } from '../../schedulers/schedule-in.js';

/** What becomes of an attempt that is stopped before it's over by itself. */
export type Verdict = Extract<Ending, { type: 'cancelled' | 'failed' }> & {
  readonly reason: StopReason;
};

/** An attempt of this process: done, or being settled. */
interface Attempt {
  task$?: AdoptedTask<unknown>;
  verdict?: Verdict;
  limit?: Subscription;
}

/** The attempts of this process: what is done here, and what is being settled. */
export class Attempts {
  readonly #attempts = new Map<Claimed, Attempt>();
  #whenEmpty: () => void = () => undefined;

  get size(): number {
    return this.#attempts.size;
  }

  list(): Claimed[] {
    return [...this.#attempts.keys()];
  }

  countWhere(isSo: (claimed: Claimed) => boolean): number {
    let count = 0;
    for (const claimed of this.#attempts.keys()) if (isSo(claimed)) count++;
    return count;
  }

  add(claimed: Claimed): void {
    this.#attempts.set(claimed, {});
  }

  /** It has begun, and may take as long as it may take. */
  begun(claimed: Claimed, task$: AdoptedTask<unknown>): void {
    const attempt = this.#attempts.get(claimed);
    const { job, expireIn } = claimed;
    if (!attempt) return;
    attempt.task$ = task$;
    if (expireIn === undefined) return;
    attempt.limit = scheduleIn(expireIn * 1_000, () => {
      const late = `took longer than ${expireIn * 1_000} ms`;
      this.end(claimed, {
        type: 'failed',
        reason: { type: 'abort', message: `it ${late}` },
        error: new Error(`job "${job.type}" ${late}: raise expireIn, or end when signal aborts`),
      });
    });
  }

  /** Stops an attempt. The first verdict is kept. */
  end(claimed: Claimed, verdict: Verdict): void {
    const attempt = this.#attempts.get(claimed);
    if (!attempt || attempt.verdict) return;
    attempt.verdict = verdict;
    void attempt.task$?.stop(verdict.reason);
  }

  /** It's over: whether it was stopped, and why. */
  over(claimed: Claimed): Verdict | undefined {
    const attempt = this.#attempts.get(claimed);
    attempt?.limit?.unsubscribe();
    return attempt?.verdict;
  }

  settled(claimed: Claimed): void {
    this.#attempts.delete(claimed);
    if (this.#attempts.size === 0) this.#whenEmpty();
  }

  async stopAll(why: string): Promise<void> {
    const attempts = [...this.#attempts.values()];
    await Promise.all(attempts.map(async ({ task$ }) => task$?.stop(why)));
  }

  /** Resolves when there are none any more, or when the time is up. */
  drained(within: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        limit.unsubscribe();
        this.#whenEmpty = () => undefined;
        resolve();
      };
      const limit = scheduleIn(within, end);
      this.#whenEmpty = end;
      if (this.#attempts.size === 0) end();
    });
  }
}
