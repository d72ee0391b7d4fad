import { asyncScheduler } from 'rxjs';
import { toPayload } from '../backends/adopt-job.js';
import type { Executors } from '../backends/executors.js';
import type { Job } from '../backends/job.js';
import { warn } from '../backends/warn.js';
import type { AdoptedTask } from '../runner/adopted-task.js';
import { adoptAgain } from '../runner/adopt-again.js';
import type { Runner } from '../runner/runner.js';
import { Batch } from './batch.js';
import { Heartbeats } from './heartbeats/heartbeats.js';
import type { Store } from './store.js';
import { isStopRestarting } from '../supervise/restart-policy.js';
import { type Claimed, delayAfter } from './stored-job.js';

/** How many jobs are settled at once, at the most. */
const MOST = 1_000;

/** Who is told what becomes of what is done here. */
interface Told {
  /** Its place is free. */
  readonly free: (claimed: Claimed) => void;
  /** A job is over, for good. */
  readonly settled: (claimed: Claimed) => void;
  /** The database didn't take it. */
  readonly failed: (error: unknown) => void;
}

/** Does the jobs that this process has claimed, each as a task of the runner, and settles them. */
export class Doing<J extends Job> {
  readonly #store: Store;
  readonly #runner: Runner;
  readonly #executors: Executors<J>;
  readonly #told: Told;
  readonly #completions: Batch<Claimed, void>;
  /** What is done, and what is being settled. */
  readonly #claimed = new Map<Claimed, AdoptedTask<unknown> | undefined>();
  readonly #undone: Claimed[] = [];
  readonly #heartbeats: Heartbeats;
  #isStopping = false;
  #whenEmpty: () => void = () => undefined;

  constructor(store: Store, runner: Runner, executors: Executors<J>, told: Told) {
    this.#store = store;
    this.#runner = runner;
    this.#executors = executors;
    this.#told = told;
    this.#completions = new Batch<Claimed, void>(async (all) => {
      await store.complete(all);
      return [];
    }, MOST);
    this.#heartbeats = new Heartbeats(() => store.beat());
  }

  countWhere(isSo: (claimed: Claimed) => boolean): number {
    let count = 0;
    for (const claimed of this.#claimed.keys()) if (isSo(claimed)) count++;
    return count;
  }

  begin(claimed: Claimed): void {
    const { job, retryCount } = claimed;
    this.#claimed.set(claimed, undefined);
    this.#heartbeats.hold(claimed);
    try {
      const payload = toPayload(this.#executors, job as J);
      // Whether it's done again is said to the database: that may be elsewhere.
      const { task$, lastError } = adoptAgain(
        this.#runner,
        payload,
        { errors: 'deliver' },
        retryCount,
      );
      this.#claimed.set(claimed, task$);
      task$.subscribe({
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

  /** Resolves when nothing is done here any more, and all of it is settled, or when the time is up. */
  drained(within: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        limit?.unsubscribe();
        this.#whenEmpty = () => undefined;
        resolve();
      };
      const limit = within < Infinity ? asyncScheduler.schedule(end, within) : undefined;
      this.#whenEmpty = end;
      if (this.#claimed.size === 0) end();
    });
  }

  /** Stops what is done here. Resolves with what was not done and has been given back. */
  async stop(): Promise<readonly Job[]> {
    this.#isStopping = true;
    const tasks = [...this.#claimed.values()];
    await Promise.all(tasks.map(async (task$) => task$?.stop('the time for a shutdown was up')));
    await this.drained(Infinity);
    await this.#heartbeats.stop();
    await this.#store.giveBack(this.#undone).catch(this.#told.failed);
    return this.#undone.map(({ job }) => job);
  }

  #over(claimed: Claimed, settle: () => Promise<void>): void {
    this.#told.free(claimed);
    settle()
      // Nobody knows what became of it: it's somebody else's when this one has been silent for long enough.
      .catch(this.#told.failed)
      .finally(() => {
        this.#claimed.delete(claimed);
        this.#heartbeats.release(claimed);
        if (this.#claimed.size === 0) this.#whenEmpty();
      });
  }

  async #complete(claimed: Claimed): Promise<void> {
    if (this.#isLost) return this.#leave(claimed);
    const delay = claimed.again.after === 'any' ? this.#delayOf(claimed) : undefined;
    if (delay === undefined) await this.#completions.add(claimed);
    else await this.#store.fail(claimed, undefined, delay);
    if (delay === undefined) this.#told.settled(claimed);
  }

  async #fail(claimed: Claimed, error: unknown, isStop: boolean): Promise<void> {
    if (this.#isLost) return this.#leave(claimed);
    const isForGood = claimed.again.after === 'none' || isStop;
    const delay = isForGood ? undefined : this.#delayOf(claimed);
    await this.#store.fail(claimed, error, delay);
    if (delay === undefined) this.#told.settled(claimed);
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

  // eslint-disable-next-line @typescript-eslint/require-await -- one of the ways to settle
  async #leave(claimed: Claimed): Promise<void> {
    this.#undone.push(claimed);
  }
}
