import type { Observable } from 'rxjs';
import { toPlainText } from '../../backends/job.js';
import type { Job } from '../../backends/job.js';
import type { SubmitOptions } from '../../backends/task-backend.js';
import type { StopReason } from '../../report.js';
import type { GivenReason } from '../../runner/stop-reason.js';
import type { Attempts } from '../doing/attempts.js';
import type { Availability } from '../availability.js';
import { Cancellation } from './cancellation.js';

import { Exchange } from './exchange.js';
import { Executions } from '../values/executions.js';
import { KeptValues } from '../values/kept-values.js';
import { Progress } from './progress.js';
import type { Store } from '../jobs/store.js';
import type { Claimed } from '../jobs/stored-job.js';
import type { Submitted } from '../jobs/submitted.js';

/** What is of this backend. */
interface Here {
  readonly store: Store;
  readonly availability: Availability;
  readonly submitted: Submitted;
  readonly doing: Attempts;
  submit(job: Job, options: SubmitOptions, isExecuted: boolean): Promise<string>;
  readonly failed: (error: unknown) => void;
}

/** What goes on between this backend and the others: see `messages.ts`. */
export class Remote {
  readonly #here: Here;
  readonly #exchange: Exchange;
  readonly #cancellation: Cancellation;
  readonly #values: KeptValues;
  readonly #executions: Executions;
  readonly #progress: Progress;

  constructor(here: Here) {
    this.#here = here;
    const { store, availability, failed } = here;
    this.#exchange = new Exchange(store.channels, failed);
    this.#cancellation = new Cancellation(store.place, this.#exchange, here.doing, failed);
    this.#values = new KeptValues(store.place, availability, this.#exchange);
    this.#executions = new Executions(store.place);
    this.#progress = new Progress(store, this.#exchange, failed);
  }

  open(): void {
    const { by } = this.#here.submitted;
    this.#exchange.on('settled', ({ to, ids }) => {
      if (to === by) this.#settledHere(ids);
    });
    this.#exchange.on('values', ({ to }) => {
      if (to === by) this.#executions.wake();
    });
    this.#cancellation.open();
    this.#executions.open();
    this.#progress.open();
  }

  heard(text: string): void {
    this.#exchange.heard(text);
  }

  /** Something may not have been heard. */
  missed(): void {
    this.#executions.wake();
  }

  execute(job: Job, options: SubmitOptions): Observable<unknown> {
    return this.#executions.execute(job, {
      submit: () => this.#here.submit(job, options, true),
      cancel: (id) => this.cancel(id, { type: 'unsubscribe' }),
    });
  }

  async cancel(id: string, reason: GivenReason | undefined): Promise<boolean> {
    const cancelled = await this.#cancellation.cancel(id, reason);
    if (cancelled?.waited) this.settled({ id, by: cancelled.by });
    return cancelled !== undefined;
  }

  progress$(id: string): Observable<unknown> {
    return this.#progress.progress$(id);
  }

  /** A job that is done here has emitted something. */
  emitted(claimed: Claimed, value: unknown): void {
    this.#progress.emitted(claimed.id, value);
    if (!claimed.isExecuted) return;
    try {
      this.#values.add(claimed, toPlainText(value, `what job "${claimed.job.type}" emitted`));
    } catch (error) {
      const reason = { type: 'failure', cause: error } as const;
      this.#here.doing.end(claimed, { type: 'failed', reason, error, isFinal: true });
    }
  }

  /** An attempt of this process is over. Resolves when what it has emitted is kept. */
  async over(claimed: Claimed): Promise<void> {
    await this.#values.keptOf(claimed);
  }

  async cancelled(claimed: Claimed, reason: StopReason): Promise<void> {
    await this.#cancellation.settle(claimed, reason);
  }

  /** A job is over, for good. */
  settled({ id, by }: Pick<Claimed, 'id' | 'by'>): void {
    this.#progress.over(id);
    if (by === this.#here.submitted.by) this.#settledHere([id]);
    else this.#exchange.saySettled(by, id);
  }

  /** To be called when nothing is done here any more. */
  async close(): Promise<void> {
    await this.#executions.close();
    this.#cancellation.close();
    this.#progress.close();
    await this.#exchange.flush();
  }

  #settledHere(ids: readonly string[]): void {
    this.#here.submitted.settled(ids);
    this.#executions.wake();
  }
}
