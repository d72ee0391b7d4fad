import { indexGroups } from '../claims/group-indexes.js';
import type { Database } from '../database.js';

// What the broker keeps besides the tables of pg-boss, in the same schema.

/** Where a backend's jobs are. */
export interface Place {
  readonly database: Database;
  readonly schema: string;
  readonly queue: string;
}

/**
 * Installs it if it isn't there. Two that do so at once wait for each other.
 *
 * `rxvisor_value` has what the jobs of `execute` have emitted, until their subscribers have it: `n` is the
 * order in which it came, `run` and `i` tell a value that is written twice from two that are the same.
 */
export async function installTables(database: Database, schema: string): Promise<void> {
  await database.executeSql(`DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('rxvisor'), hashtext('${schema}'));
    CREATE TABLE IF NOT EXISTS ${schema}.rxvisor_value (
      job uuid NOT NULL,
      n bigint GENERATED ALWAYS AS IDENTITY,
      run uuid NOT NULL,
      i int NOT NULL,
      value text NOT NULL,
      kept_on timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (job, run, i)
    );
    CREATE UNIQUE INDEX IF NOT EXISTS rxvisor_value_in_order ON ${schema}.rxvisor_value (job, n);
    ${indexGroups(schema)}
  END $$`);
}

/**
 * Has a queue keep what pg-boss would throw away: a job that waits for longer than two weeks, and one that
 * takes longer than a quarter of an hour.
 *
 * @param deadLetter  Where what has failed for good goes, from the moment that this is said.
 */
export async function keepForLong(
  database: Database,
  schema: string,
  queue: string,
  deadLetter: string | undefined,
): Promise<void> {
  await database.executeSql(
    `UPDATE ${schema}.queue SET expire_seconds = ${FOR_EVER}, retention_seconds = ${FOR_EVER},
       dead_letter = COALESCE($2, dead_letter)
     WHERE name = $1`,
    [queue, deadLetter ?? null],
  );
}

/** In seconds: 68 years. */
export const FOR_EVER: number = 2 ** 31 - 1;
