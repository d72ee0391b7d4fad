import { MOST_TEXT } from '../batch.js';
import type { Place } from '../jobs/tables.js';

/** A value that has been kept, and the job that has emitted it. */
export interface FetchedValue {
  readonly id: string;
  readonly n: string;
  readonly value: unknown;
}

/** What was there. */
export interface Fetched {
  readonly values: readonly FetchedValue[];
  /** Whether there wasn't more. */
  readonly isAll: boolean;
}

/** What has become of a job that is over; no state: it has been deleted. */
export interface JobEnd {
  readonly state: unknown;
  readonly output: unknown;
}

/** How many values are fetched at once, at the most. */
const MOST = 1_000;
/** How old values are that nobody has fetched, by the time they're swept. */
const SWEEP_AFTER = '1 hour';

/** What those who are subscribed ask of the database. */
export class ValueTable {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /**
   * What some jobs have emitted, each after a value of its own: as many as are worth one look, in their
   * order, and one at the least if there's any.
   */
  async fetch(wanted: ReadonlyMap<string, string>): Promise<Fetched> {
    const { database, schema } = this.#place;
    const { rows } = await database.executeSql(
      `SELECT id, n, value, total > ${MOST_TEXT} AS "isFull" FROM (
         SELECT kept.job::text AS id, kept.n::text AS n, kept.value,
           sum(octet_length(kept.value)) OVER in_order AS total, row_number() OVER in_order AS place
         FROM (SELECT kept.* FROM unnest($1::uuid[], $2::bigint[]) AS wanted (id, n)
           JOIN ${schema}.rxvisor_value AS kept ON kept.job = wanted.id AND kept.n > wanted.n
           ORDER BY kept.n LIMIT ${MOST}) AS kept
         WINDOW in_order AS (ORDER BY kept.n)) AS counted
       WHERE place = 1 OR total - octet_length(value) <= ${MOST_TEXT} ORDER BY place`,
      [[...wanted.keys()], [...wanted.values()]],
    );
    const values = rows.map(({ id, n, value }) => ({
      id: String(id),
      n: String(n),
      value: JSON.parse(String(value)) as unknown,
    }));
    return { values, isAll: rows.length < MOST && rows.at(-1)?.isFull !== true };
  }

  /** Those of some jobs that are over. */
  async ends(ids: readonly string[]): Promise<Map<string, JobEnd>> {
    const { database, schema, queue } = this.#place;
    const { rows } = await database.executeSql(
      `SELECT given.id::text AS id, job.state::text AS state, job.output
       FROM unnest($2::uuid[]) AS given (id)
       LEFT JOIN ${schema}.job ON job.name = $1 AND job.id = given.id
       WHERE job.state IS NULL OR job.state > 'active'`,
      [queue, ids],
    );
    return new Map(rows.map(({ id, state, output }) => [String(id), { state, output }]));
  }

  /** What nobody waits for any more isn't kept. */
  async forget(ids: readonly string[]): Promise<void> {
    const { database, schema } = this.#place;
    const sql = `DELETE FROM ${schema}.rxvisor_value WHERE job = ANY($1::uuid[])`;
    if (ids.length > 0) await database.executeSql(sql, [ids]);
  }

  /** What was left by those who were subscribed and are gone. */
  async sweep(): Promise<void> {
    const { database, schema } = this.#place;
    await database.executeSql(
      `DELETE FROM ${schema}.rxvisor_value AS kept WHERE kept.kept_on < now() - interval '${SWEEP_AFTER}'
       AND NOT EXISTS (SELECT FROM ${schema}.job WHERE job.id = kept.job AND job.state <= 'active')`,
    );
  }
}
