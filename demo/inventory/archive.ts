import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  AsyncSubject,
  type Observable,
  ReplaySubject,
  filter,
  firstValueFrom,
  from,
  interval,
  lastValueFrom,
  race,
  takeUntil,
} from 'rxjs';
import { type Runner, type TaskContext, constant } from 'rxvisor';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { Ledger, type Totals } from './ledger.js';
import type { Batch } from './outbox.js';

interface Desk {
  /** Of the process, among all those that have used the folder. */
  readonly run: string;
  readonly runner: Runner;
  /** Where the ledger is, and the database, unless that's elsewhere. */
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  /** How long it takes to enter a batch, in ms. */
  readonly slow: number;
  /** Emits when there's nothing more to keep. */
  readonly drained$: Observable<unknown>;
}

type Entry =
  | { readonly type: 'findings'; readonly run: string; readonly batch: Batch }
  | { readonly type: 'roll-call' };

/**
 * Keeps batches as jobs, which outlive the process, and does these jobs: enters the batches in the
 * ledger, one after the other. Those of a run that was killed are entered by the next one, first of all.
 */
export class Archive {
  readonly #desk: Desk;
  readonly #ledger: Ledger;
  readonly #backend: BrokerTaskBackend<Entry>;
  readonly #open = new AsyncSubject<true>();
  readonly #left = new ReplaySubject<number>(1);
  isOpen = false;
  /** Batches of earlier runs that this one has entered. */
  others = 0;

  /** Emits how many batches of earlier runs were left, when they have been entered. */
  readonly left$: Observable<number> = this.#left.asObservable();

  constructor(desk: Desk) {
    const { dataDir, databaseUrl, runner } = desk;
    this.#desk = desk;
    this.#ledger = new Ledger(dataDir);
    this.#backend = new BrokerTaskBackend<Entry>({
      ...(databaseUrl ? { connectionString: databaseUrl } : { dataDir: join(dataDir, 'jobs') }),
      schema: 'rxvisor_demo',
      queue: queueOf(dataDir),
      concurrency: 1,
      shutdownTimeout: 2_000,
      runner,
    });
  }

  /** Of the ledger of this run. */
  get path(): string {
    return this.#ledger.pathOf(this.#desk.run);
  }

  /** What has been entered of this run. */
  total(): Promise<Totals> {
    return this.#ledger.total(this.#desk.run);
  }

  /** Resolves when a batch is in the database. Of the same batch, on its way twice, there's one job. */
  async keep(batch: Batch): Promise<void> {
    const { run } = this.#desk;
    await firstValueFrom(this.#open);
    await this.#backend.submit(
      { type: 'findings', run, batch },
      { key: `${run}/${batch.id}`, backoff: constant(1_000), maxRestarts: 3 },
    );
  }

  /** Ready when it's open, over when all that was kept is entered. Asked to stop, it leaves the rest to the next run. */
  readonly attend = async ({ ready, signal }: TaskContext): Promise<void> => {
    const backend = this.#backend;
    const stopped$ = from(once(signal, 'abort'));
    try {
      await backend.initialize();
      backend.setExecutor(this.#enter);
      // As the oldest is done first, this one is done when no older one is left.
      const rollCall$ = backend.execute({ type: 'roll-call' }).pipe(takeUntil(stopped$));
      await lastValueFrom(rollCall$, { defaultValue: undefined });
      if (signal.aborted) return;
      this.#left.next(this.others);
      this.#open.next((this.isOpen = true));
      this.#open.complete();
      ready();
      await firstValueFrom(race(this.#desk.drained$, stopped$));
      const allEntered$ = interval(10).pipe(filter(() => backend.inflight === 0));
      await firstValueFrom(race(allEntered$, stopped$));
    } finally {
      await backend.shutdown();
    }
  };

  readonly #enter = async (entry: Entry): Promise<void> => {
    if (entry.type === 'roll-call') return;
    await setTimeout(this.#desk.slow);
    await this.#ledger.enter(entry.run, entry.batch);
    if (entry.run !== this.#desk.run) this.others++;
  };
}

/** A database may be shared; a ledger is of one folder on one machine. */
const queueOf = (dataDir: string) => {
  const place = createHash('sha256').update(`${hostname()}:${dataDir}`).digest('hex');
  return `inventory-${place.slice(0, 12)}`;
};
