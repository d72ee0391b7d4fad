import { toPayload } from '../../backends/adopt-job.js';
import type { Executors } from '../../backends/executors.js';
import type { Job } from '../../backends/job.js';
import { warn } from '../../backends/warn.js';
import { InvalidPayloadError, RunnerStateError } from '../../errors.js';
import { type AdoptedAgain, adoptAgain } from '../../runner/adopt-again.js';
import type { Runner } from '../../runner/runner.js';
import { Attempts } from './attempts.js';
import { Heartbeats } from '../heartbeats/heartbeats.js';
import { toReason } from '../jobs/reason-json.js';
import type { Store } from '../jobs/store.js';
import { isStopRestarting } from '../../supervise/restart-policy.js';
import { type Ending, Settling, type SettlingTold } from './settling.js';
import { type Claimed, isStored } from '../jobs/stored-job.js';

/** Who is told what becomes of what is done here. */
interface Told extends SettlingTold {
  /** Its place is free. */
  readonly free: (claimed: Claimed) => void;
  /** What one has emitted. */
  readonly emitted: (claimed: Claimed, value: unknown) => void;
  /** The database didn't take what became of it. */
  readonly failed: (error: unknown) => void;
}

/** Does the jobs that this process has claimed, each as a task of the runner. */
export class Doing<J extends Job> {
  readonly attempts: Attempts = new Attempts();
  readonly #store: Store;
  readonly #runner: Runner;
  readonly #executors: Executors<J>;
  readonly #told: Told;
  readonly #settling: Settling;
  readonly #heartbeats: Heartbeats;
  #isStopping = false;

  constructor(store: Store, runner: Runner, executors: Executors<J>, told: Told) {
    this.#store = store;
    this.#runner = runner;
    this.#executors = executors;
    this.#told = told;
    this.#settling = new Settling(store, told);
    this.#heartbeats = new Heartbeats(() => store.beat());
  }

  begin(claimed: Claimed): void {
    const { job, retryCount, cancelled } = claimed;
    this.attempts.add(claimed);
    this.#heartbeats.hold(claimed);
    if (!isStored(claimed)) {
      this.#refuse(claimed);
      return;
    }
    // It has been cancelled while it ran on a machine that was lost.
    if (cancelled) {
      this.#over(claimed, { type: 'cancelled', reason: toReason(cancelled) });
      return;
    }
    const adopted = this.#adopt(job, retryCount);
    if (adopted) this.#follow(claimed, adopted);
    else this.#over(claimed, { type: 'undone' });
  }

  /** What somebody else has put into the queue, and is no job. */
  #refuse(claimed: Claimed): void {
    const error = new InvalidPayloadError(`what was found in the queue is no job: ${claimed.id}`);
    warn('RXVISOR_JOB_FAILED', error.message);
    this.#over(claimed, { type: 'failed', error, isFinal: true });
  }

  /** Nothing, if the runner takes nothing any more. */
  #adopt(job: Job, attempts: number): AdoptedAgain | undefined {
    const payload = toPayload(this.#executors, job as J);
    try {
      // Whether it's done again is said to the database: that may be elsewhere.
      return adoptAgain(this.#runner, payload, { errors: 'deliver' }, attempts);
    } catch (error) {
      if (error instanceof RunnerStateError) return undefined;
      throw error;
    }
  }

  #follow(claimed: Claimed, { task$, lastError }: AdoptedAgain): void {
    this.attempts.begun(claimed, task$);
    task$.subscribe({
      next: (value) => {
        this.#told.emitted(claimed, value);
      },
      error: (error: unknown) => {
        warn('RXVISOR_JOB_FAILED', `${task$.name} failed`, error);
        const isFinal = isStopRestarting(lastError());
        this.#over(claimed, this.#isLost ? { type: 'undone' } : { type: 'failed', error, isFinal });
      },
      complete: () => {
        this.#over(claimed, { type: this.#isLost ? 'undone' : 'completed' });
      },
    });
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
    return this.#settling.undone;
  }

  #over(claimed: Claimed, ending: Ending): void {
    this.#told.free(claimed);
    const verdict = this.attempts.over(claimed);
    if (verdict?.type === 'failed') {
      warn('RXVISOR_JOB_FAILED', `job:${claimed.job.type} failed`, verdict.error);
    }
    this.#settling
      .settle(claimed, verdict ?? ending)
      // It's somebody else's when this one has been silent for long enough.
      .catch(this.#told.failed)
      .finally(() => {
        this.#heartbeats.release(claimed);
        this.#store.freed();
        this.attempts.settled(claimed);
      });
  }

  /** Whether a job that ends has been stopped. */
  get #isLost(): boolean {
    return (
      this.#isStopping || this.#runner.state === 'stopping' || this.#runner.state === 'stopped'
    );
  }
}
