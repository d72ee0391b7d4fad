import { Observable, type Subscriber, type Subscription, asyncScheduler } from 'rxjs';
import type { Job } from '../../backends/job.js';
import { CancelledError } from '../../errors.js';
import { log } from '../../log.js';
import { asap } from '../../schedulers/asap-scheduler.js';
import { toError } from '../jobs/error-json.js';
import { type KeptReason, toReason } from '../jobs/reason-json.js';
import type { Place } from '../jobs/tables.js';
import { type JobEnd, ValueTable } from './value-table.js';
import { scheduleEvery } from '../../schedulers/schedule-in.js';

const debug = log('broker');

/** How often it's looked for values that nobody has told of, in ms. */
const POLL = 500;
/** How often it's looked for values that nobody has fetched, in ms. */
const SWEEP_EVERY = 600_000;

/** What a subscription needs of the backend. */
interface Submitter {
  /** @returns A promise of its id. */
  submit(): Promise<string>;
  /** Nobody wants it any more. */
  cancel(id: string): Promise<unknown>;
}

/** Somebody who is subscribed to a job. */
interface Execution {
  readonly job: Job;
  readonly subscriber: Subscriber<unknown>;
  /** Which value has arrived last. */
  n: string;
}

/**
 * Brings back what jobs emit elsewhere, and how they end. What they emit is in a table, in the order in
 * which it came; how they end is what has become of them. So nothing is lost by a message that is, nor by
 * the loss of a connection.
 */
export class Executions {
  readonly #table: ValueTable;
  readonly #executions = new Map<string, Execution>();
  readonly #cancelling = new Set<Promise<unknown>>();
  readonly #timers: Subscription[] = [];
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #isClosed = false;

  constructor(place: Place) {
    this.#table = new ValueTable(place);
  }

  /** Cold: each subscription is a job of its own. Unsubscribing cancels that. */
  execute(job: Job, submitter: Submitter): Observable<unknown> {
    return new Observable((subscriber) => {
      let id: string | undefined;
      const cancel = () => {
        // What has ended by itself isn't there any more.
        if (id !== undefined && this.#executions.delete(id)) this.#cancel(id, submitter);
      };
      const submitted = (given: string) => {
        id = given;
        this.#executions.set(id, { job, subscriber, n: '0' });
        if (subscriber.closed) cancel();
        else this.wake();
      };
      // Whoever has left by the end of this turn has wanted nothing.
      const submitting = asap.schedule(() => {
        submitter.submit().then(submitted, (error: unknown) => {
          subscriber.error(error);
        });
      });
      return () => {
        submitting.unsubscribe();
        cancel();
      };
    });
  }

  open(): void {
    this.#timers.push(
      scheduleEvery(POLL, this.wake),
      scheduleEvery(SWEEP_EVERY, () => void this.#table.sweep().catch(failed)),
    );
  }

  /** There may be something: a value, or an end. */
  readonly wake = (): void => {
    this.#isWanted = this.#executions.size > 0;
    if (this.#isWanted) this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
  };

  /** Brings back what is there already, and ends the rest: nobody does that for anybody any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.unsubscribe();
    this.wake();
    await this.#looking;
    for (const { job, subscriber } of [...this.#executions.values()]) {
      subscriber.error(new CancelledError(`job:${job.type}`, { type: 'shutdown' }));
    }
    await Promise.all(this.#cancelling);
  }

  #cancel(id: string, submitter: Submitter): void {
    const cancelled: Promise<unknown> = this.#cancelForSure(id, submitter)
      .catch(failed)
      .finally(() => this.#cancelling.delete(cancelled));
    this.#cancelling.add(cancelled);
  }

  /** As soon as the database takes it: nobody else knows that the job isn't wanted any more. */
  async #cancelForSure(id: string, submitter: Submitter): Promise<void> {
    while (!(await submitter.cancel(id).then(succeeded, failed))) {
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        asyncScheduler.schedule(resolve, POLL);
      });
    }
    await this.#table.forget([id]);
  }

  async #look(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        // First what has become of them: whatever they have emitted was kept before.
        const ends = await this.#table.ends([...this.#executions.keys()]);
        while (!(await this.#fetch()));
        for (const [id, end] of ends) this.#end(id, end);
        await this.#table.forget([...ends.keys()]);
      } catch (error) {
        failed(error);
      }
    }
  }

  /** Whether those were all that there are. */
  async #fetch(): Promise<boolean> {
    const wanted = new Map([...this.#executions].map(([id, { n }]) => [id, n]));
    const { values, isAll } = await this.#table.fetch(wanted);
    for (const { id, n, value } of values) {
      const execution = this.#executions.get(id);
      if (!execution) continue;
      execution.n = n;
      execution.subscriber.next(value);
    }
    return isAll;
  }

  #end(id: string, { state, output }: JobEnd): void {
    const execution = this.#executions.get(id);
    if (!execution) return;
    this.#executions.delete(id);
    const { job, subscriber } = execution;
    if (state === 'completed') subscriber.complete();
    else if (state === 'failed') subscriber.error(toError(output));
    else {
      const kept = state === 'cancelled' ? (output as KeptReason | null) : GONE;
      subscriber.error(new CancelledError(`job:${job.type}`, toReason(kept ?? BY_OTHERS)));
    }
  }
}

const BY_OTHERS: KeptReason = { type: 'abort', message: 'it has been cancelled in the database' };
const GONE: KeptReason = { type: 'abort', message: 'it has been deleted from the database' };

const succeeded = () => true;

const failed = (error: unknown) => {
  debug('of executions: %O', error);
  return false;
};
