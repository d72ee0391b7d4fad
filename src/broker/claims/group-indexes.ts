import type { Database } from '../database.js';
import { tableIn } from './sql.js';

// An index of one's own would cost each job that has no group; so those that tell these from the others
// are only there when somebody has groups or a limit. Nothing but the time that it takes depends on them.

/**
 * PL/pgSQL that has the jobs with a group in order. It costs nothing where there are none. Not by
 * `IF NOT EXISTS`, which waits until nobody writes, though there's nothing to do.
 */
export const indexGroups = (schema: string): string =>
  ensure(
    schema,
    'rxvisor_waiting_group',
    `(name, group_id, priority DESC, created_on, start_after)
      WHERE state < 'active' AND NOT blocked AND group_id IS NOT NULL`,
  );

/** How long this waits for those who write, or make the same index, in ms. They wait meanwhile. */
const PATIENCE = 1_000;

/** Has the jobs without a group in order, too, both those that wait and those that run. */
export async function indexOthers(database: Database, schema: string): Promise<void> {
  await database.executeSql(`DO $$ BEGIN
    PERFORM set_config('lock_timeout', '${PATIENCE}', true);
    ${ensure(
      schema,
      'rxvisor_waiting_other',
      `(name, priority DESC, created_on, start_after)
        WHERE state < 'active' AND NOT blocked AND group_id IS NULL`,
    )}
    ${ensure(schema, 'rxvisor_running_other', `(name) WHERE state = 'active' AND group_id IS NULL`)}
  END $$`);
}

const ensure = (schema: string, index: string, what: string): string => `
  IF to_regclass('${schema}.${index}') IS NULL THEN
    CREATE INDEX IF NOT EXISTS ${index} ON ${tableIn(schema)} ${what};
  END IF;`;
