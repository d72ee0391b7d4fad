import { IN_ORDER, isDueIn, tableIn, toActive } from './sql.js';

/**
 * The statement that claims jobs of a queue ($1), as many as there are up to a number ($2): oldest first
 * among those of the same priority, as pg-boss does it. It knows nothing of groups.
 *
 * Not its `fetch`, which joins the jobs that it has locked with the table: of a queue that has just been
 * filled the planner knows nothing, and compares each of them with all the others.
 */
export const claimIn = (schema: string) => `
  UPDATE ${tableIn(schema)} SET ${toActive(schema)}
  WHERE name = $1 AND id = ANY (ARRAY(
    SELECT id FROM ${tableIn(schema)}
    WHERE ${isDueIn(schema, '$1')}
    ${IN_ORDER}
    LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING id, data, retry_count AS "retryCount", group_id AS "group"`;
