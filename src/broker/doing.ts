import { toPayload } from '../backends/adopt-job.js';
import type { Executors } from '../backends/executors.js';
import type { Job } from '../backends/job.js';
import { warn } from '../backends/warn.js';
import { adoptAgain } from '../runner/adopt-again.js';
import type { StopReason } from '../report.js';
import type { Runner } from '../runner/runner.js';
import { Attempts, type Verdict } from './attempts.js';
import { Batch } from './batch.js';
import { Heartbeats } from './heartbeats/heartbeats.js';
import { toReason } from './reason-json.js';
import type { Store } from './store.js';
import { isStopRestarting } from '../supervise/restart-policy.js';
import { type Claimed, delayAfter } from './stored-job.js';

/** How many jobs are settled at once, at the most. */
const AT_ONCE = { count: 1_000 };

/** Who is told what becomes of what is done here. */
interface Told {
  /** Its place is free. */
  readonly free: (claimed: Claimed) => void;
  /** What one has emitted. */
  readonly emitted: (claimed: Claimed, value: unknown) => void;
  /** An attempt is over. Resolves when what it has emitted is kept, if it's to be. */
  readonly over: (claimed: Claimed) => Promise<void>;
  /** An attempt has been stopped since nobody wants it any more. Resolves when that is kept. */
  readonly cancelled: (claimed: Claimed, reason: StopReason) => Promise<void>;
  /** A job is over, for good. */
  readonly settled: (claimed: Claimed) => void;
  /** Waits for the database as long as anybody does. */
  readonly lasting: <T>(work: () => Promise<T>) => Promise<T>;
  /** The database didn't take it. */
  readonly failed: (error: unknown) => void;
}

/** Does the jobs that this process has claimed, each as a task of the runner, and settles them. */
export class Doing<J extends Job> {
  readonly attempts: Attempts = new Attempts();
  readonly #store: Store;
  readonly #runner: Runner;
  readonly #executors: Executors<J>;
  readonly #told: Told;
  readonly #completions: Batch<Claimed>;
  readonly #returns: Batch<Claimed>;
  readonly #undone: Job[] = [];
  readonly #heartbeats: Heartbeats;
  #isStopping = false;

  constructor(store: Store, runner: Runner, executors: Executors<J>, told: Told) {
    this.#store = store;
    this.#runner = runner;
    this.#executors = executors;
    this.#told = told;
    this.#completions = new Batch((all) => told.lasting(() => store.complete(all)), AT_ONCE);
    this.#returns = new Batch((all) => store.giveBack(all), AT_ONCE);
    this.#heartbeats = new Heartbeats(() => store.beat());
  }

  begin(claimed: Claimed): void {
    const { job, retryCount, cancelled } = claimed;
    this.attempts.add(claimed);
    this.#heartbeats.hold(claimed);
    // It has been cancelled while it ran on a machine that was lost.
    if (cancelled) {
      this.attempts.end(claimed, { type: 'cancelled', reason: toReason(cancelled) });
      this.#over(claimed, () => this.#complete(claimed));
      return;
    }
    try {
      const payload = toPayload(this.#executors, job as J);
      // Whether it's done again is said to the database: that may be elsewhere.
      const how = { errors: 'deliver' } as const;
      const { task$, lastError } = adoptAgain(this.#runner, payload, how, retryCount);
      this.attempts.begun(claimed, task$);
      task$.subscribe({
        next: (value) => {
          this.#told.emitted(claimed, value);
        },
        error: (error: unknown) => {
          warn('RXVISOR_JOB_FAILED', `${task$.name} failed`, error);
          this.#over(claimed, () => this.#fail(claimed, error, isStopRestarting(lastError())));
        },
        complete: () => {
          this.#over(claimed, () => this.#complete(claimed));
        },
      });
    } catch {
      // The runner takes nothing any more.
      this.#over(claimed, () => this.#leave(claimed));
    }
  }

  /** Stops what is done here. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.attempts.stopAll('the time for a shutdown was up');
  }

  /** Resolves with what was not done and has been given back, when all is settled. */
  async leave(): Promise<readonly Job[]> {
    await this.attempts.drained(Infinity);
    await this.#heartbeats.stop();
    return this.#undone;
  }

  #over(claimed: Claimed, settle: () => Promise<void>): void {
    this.#told.free(claimed);
    const verdict = this.attempts.over(claimed);
    (verdict ? this.#stopped(claimed, verdict) : settle())
      // Nobody knows what became of it: it's somebody else's when this one has been silent for long enough.
      .catch((error: unknown) => {
        this.#undone.push(claimed.job);
        this.#told.failed(error);
      })
      .finally(() => {
        this.#heartbeats.release(claimed);
        this.#store.freed();
        this.attempts.settled(claimed);
      });
  }

  async #stopped(claimed: Claimed, verdict: Verdict): Promise<void> {
    if (verdict.type === 'failed') {
      warn('RXVISOR_JOB_FAILED', `job:${claimed.job.type} failed`, verdict.error);
      return this.#fail(claimed, verdict.error, verdict.isFinal ?? false);
    }
    if (claimed.isExecuted) await this.#told.over(claimed);
    await this.#told.lasting(() => this.#told.cancelled(claimed, verdict.reason));
    this.#told.settled(claimed);
  }

  async #complete(claimed: Claimed): Promise<void> {
    if (this.#isLost) return this.#leave(claimed);
    if (claimed.isExecuted) await this.#told.over(claimed);
    const delay = claimed.again.after === 'any' ? this.#delayOf(claimed) : undefined;
    if (delay === undefined) await this.#completions.add(claimed);
    else await this.#failInStore(claimed, undefined, delay);
    if (delay === undefined) this.#told.settled(claimed);
  }

  async #fail(claimed: Claimed, error: unknown, isStop: boolean): Promise<void> {
    if (this.#isLost) return this.#leave(claimed);
    if (claimed.isExecuted) await this.#told.over(claimed);
    const isForGood = claimed.again.after === 'none' || isStop;
    const delay = isForGood ? undefined : this.#delayOf(claimed);
    await this.#failInStore(claimed, error, delay);
    if (delay === undefined) this.#told.settled(claimed);
  }

  #failInStore(claimed: Claimed, error: unknown, delay: number | undefined): Promise<void> {
    return this.#told.lasting(() => this.#store.fail(claimed, error, delay));
  }

  #delayOf({ again, retryCount }: Claimed): number | undefined {
    return delayAfter(again, retryCount + 1);
  }

  /** Whether a job that ends has been stopped. */
  get #isLost(): boolean {
    return (
      this.#isStopping || this.#runner.state === 'stopping' || this.#runner.state === 'stopped'
    );
  }

  async #leave(claimed: Claimed): Promise<void> {
    if (claimed.isExecuted) await this.#told.over(claimed);
    // Once: from then on it may be another's, who has it as the same attempt.
    await this.#returns.add(claimed);
    this.#undone.push(claimed.job);
  }
}
