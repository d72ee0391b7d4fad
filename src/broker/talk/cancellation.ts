import type { Subscription } from 'rxjs';
import type { StopReason } from '../../report.js';
import type { Exchange } from './exchange.js';
import { type KeptReason, keepReason, toReason } from '../jobs/reason-json.js';
import type { Claimed } from '../jobs/stored-job.js';
import type { Place } from '../jobs/tables.js';
import type { GivenReason } from '../../runner/stop-reason.js';
import { scheduleEvery } from '../../schedulers/schedule-in.js';

/** How often those who do jobs look whether these have been cancelled, in ms: being told so may be lost. */
const POLL = 300;

/** Those who do jobs. */
interface Doers {
  list(): readonly Claimed[];
  end(claimed: Claimed, verdict: { readonly type: 'cancelled'; readonly reason: StopReason }): void;
}

/**
 * Ends jobs that are not wanted any more, wherever they are: one that waits is gone at once; of one that
 * runs it's kept that it's cancelled, for as long as it runs and if its machine is lost meanwhile, and
 * whoever does it hears that or finds it.
 */
export class Cancellation {
  readonly #place: Place;
  readonly #exchange: Exchange;
  readonly #doers: Doers;
  readonly #failed: (error: unknown) => void;
  #polling: Subscription | undefined;
  #isLooking = false;

  constructor(place: Place, exchange: Exchange, doers: Doers, failed: (error: unknown) => void) {
    this.#place = place;
    this.#exchange = exchange;
    this.#doers = doers;
    this.#failed = failed;
  }

  open(): void {
    const look = () => void this.#look();
    this.#exchange.on('cancel', ({ ids }) => {
      const wanted = new Set(ids);
      if (this.#doers.list().some(({ id }) => wanted.has(id))) look();
    });
    this.#polling = scheduleEvery(POLL, look);
  }

  close(): void {
    this.#polling?.unsubscribe();
  }

  /** @returns Who had submitted it, and whether it waited; nothing if it's over already, or never was. */
  async cancel(id: string, given: GivenReason | undefined): Promise<Cancelled | undefined> {
    const { database, schema, queue } = this.#place;
    const reason = JSON.stringify(keepReason(given));
    for (;;) {
      // One statement and one row, so that nobody claims or settles it between.
      const { rows } = await database.executeSql(
        `UPDATE ${schema}.job SET
           data = CASE WHEN state = 'active' AND NOT data ? 'cancelled'
             THEN jsonb_set(data, '{cancelled}', $3::jsonb) ELSE data END,
           output = CASE WHEN state < 'active' THEN $3::jsonb ELSE output END,
           completed_on = CASE WHEN state < 'active' THEN now() END,
           state = CASE WHEN state < 'active' THEN 'cancelled' ELSE state END
         WHERE name = $1 AND id = $2 AND state <= 'active'
         RETURNING data ->> 'by' AS by, state = 'cancelled' AS waited`,
        [queue, id, reason],
      );
      const [row] = rows;
      if (row) {
        if (!row.waited) this.#exchange.say({ type: 'cancel', ids: [id] });
        return { by: String(row.by), waited: row.waited === true };
      }
      if (!(await this.#lives(id))) return undefined;
      // An attempt of it failed in this moment, whereby it became another row.
    }
  }

  /** Says of an attempt that it was stopped. */
  async settle({ id, retryCount }: Claimed, reason: StopReason): Promise<void> {
    const { database, schema, queue } = this.#place;
    await database.executeSql(
      `UPDATE ${schema}.job SET state = 'cancelled', completed_on = now(), output = $4::jsonb
       WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active'`,
      [queue, id, retryCount, JSON.stringify(keepReason(reason))],
    );
  }

  async #lives(id: string): Promise<boolean> {
    const { database, schema, queue } = this.#place;
    const { rows } = await database.executeSql(
      `SELECT FROM ${schema}.job WHERE name = $1 AND id = $2 AND state <= 'active'`,
      [queue, id],
    );
    return rows.length > 0;
  }

  async #look(): Promise<void> {
    const claims = new Map(this.#doers.list().map((claimed) => [claimed.id, claimed]));
    if (claims.size === 0 || this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { database, schema, queue } = this.#place;
      const { rows } = await database.executeSql(
        `SELECT id::text AS id, data -> 'cancelled' AS reason FROM ${schema}.job
         WHERE name = $1 AND id = ANY($2::uuid[]) AND data ? 'cancelled'`,
        [queue, [...claims.keys()]],
      );
      for (const { id, reason } of rows) {
        const claimed = claims.get(String(id));
        if (claimed) this.#end(claimed, reason as KeptReason);
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#isLooking = false;
  }

  #end(claimed: Claimed, kept: KeptReason): void {
    this.#doers.end(claimed, { type: 'cancelled', reason: toReason(kept) });
  }
}

interface Cancelled {
  readonly by: string;
  readonly waited: boolean;
}
