import { IN_ORDER, isDueIn, isGroupedIn, tableIn, toActive, waitsIn } from './sql.js';

/**
 * The statement that claims jobs of a queue ($1), as many as there are up to a number ($2): oldest first
 * among those of the same priority, as pg-boss does it. It claims none if a job with a group waits, and
 * gives a row without a job instead: then it's done in turns.
 *
 * Not its `fetch`, which joins the jobs that it has locked with the table: of a queue that has just been
 * filled the planner knows nothing, and compares each of them with all the others.
 */
export const claimIn = (schema: string) => `
  WITH groups AS MATERIALIZED (
    SELECT ${isGroupedIn(schema, waitsIn('$1'))} AS wait
  ), claimed AS (
    UPDATE ${tableIn(schema)} SET ${toActive(schema)}
    WHERE name = $1 AND id = ANY (ARRAY(
      SELECT id FROM ${tableIn(schema)}
      WHERE ${isDueIn(schema, '$1')} AND NOT (SELECT wait FROM groups)
      ${IN_ORDER}
      LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING id, data, retry_count AS "retryCount"
  )
  SELECT * FROM claimed UNION ALL SELECT NULL, NULL, NULL FROM groups WHERE wait`;
