import { randomUUID } from 'node:crypto';
import type { Availability } from '../availability.js';
import { Batch, MOST_TEXT } from '../batch.js';
import type { Exchange } from '../talk/exchange.js';
import type { Claimed } from '../jobs/stored-job.js';
import type { Place } from '../jobs/tables.js';

/** How many values are kept at once, at the most. */
const AT_ONCE = { count: 500, size: MOST_TEXT, sizeOf: ({ text }: KeptValue) => text.length };

/** What an attempt has emitted. */
interface KeptValue {
  readonly claimed: Claimed;
  readonly run: string;
  readonly i: number;
  readonly text: string;
}

/** What is kept of one attempt. */
interface Run {
  readonly run: string;
  count: number;
  last: Promise<void>;
  /** The first that could not be kept. */
  failure?: { readonly error: unknown };
}

/** Keeps what the jobs of `execute` emit here, until those who are subscribed elsewhere have it. */
export class KeptValues {
  readonly #place: Place;
  readonly #availability: Availability;
  readonly #exchange: Exchange;
  readonly #writing: Batch<KeptValue>;
  readonly #runs = new Map<Claimed, Run>();

  constructor(place: Place, availability: Availability, exchange: Exchange) {
    this.#place = place;
    this.#availability = availability;
    this.#exchange = exchange;
    this.#writing = new Batch((values) => this.#write(values), AT_ONCE);
  }

  add(claimed: Claimed, text: string): void {
    const known = this.#runs.get(claimed);
    const run: Run = known ?? { run: randomUUID(), count: 0, last: Promise.resolve() };
    if (!known) this.#runs.set(claimed, run);
    // Whoever settles the job hears of it.
    run.last = this.#writing
      .add({ claimed, run: run.run, i: run.count++, text })
      .catch((error: unknown) => {
        run.failure ??= { error };
      });
  }

  /** Resolves when all that an attempt has emitted is kept; batches are written one after the other. */
  async keptOf(claimed: Claimed): Promise<void> {
    const run = this.#runs.get(claimed);
    this.#runs.delete(claimed);
    await run?.last;
    if (run?.failure) throw run.failure.error;
  }

  async #write(values: readonly KeptValue[]): Promise<void> {
    await this.#availability.lasting(() => this.#insert(values));
    for (const to of new Set(values.map(({ claimed }) => claimed.by))) {
      this.#exchange.say({ type: 'values', to });
    }
  }

  /** Of an attempt that has its claim, and that somebody wants. */
  async #insert(values: readonly KeptValue[]): Promise<void> {
    const { database, schema, queue } = this.#place;
    await database.executeSql(
      `INSERT INTO ${schema}.rxvisor_value (job, run, i, value)
       SELECT given.job, given.run, given.i, given.value
       FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::int[], $6::text[])
         WITH ORDINALITY AS given (job, retry_count, run, i, value, place)
       JOIN ${schema}.job ON job.name = $1 AND job.id = given.job
         AND job.retry_count = given.retry_count AND job.state = 'active' AND NOT job.data ? 'cancelled'
       ORDER BY given.place
       ON CONFLICT DO NOTHING`,
      [
        queue,
        values.map(({ claimed }) => claimed.id),
        values.map(({ claimed }) => claimed.retryCount),
        values.map(({ run }) => run),
        values.map(({ i }) => i),
        values.map(({ text }) => text),
      ],
    );
  }
}
