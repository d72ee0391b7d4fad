import { ALONG_INDEXES, CLAIMED, IN_ORDER, isDueIn, literal, tableIn, toActive } from './sql.js';

/**
 * The statements that claim jobs of a queue, as many as there are up to a number: oldest first among those
 * of the same priority, as pg-boss does it. They know nothing of groups.
 *
 * Not its `fetch`, which joins the jobs that it has locked with the table: of a queue that has just been
 * filled the planner knows nothing, and compares each of them with all the others. Here it's found by where
 * it is: one that is changed in this very moment is left for the next claim.
 */
export function claimIn(schema: string, queue: string, most: number): string {
  const name = literal(queue);
  return `${ALONG_INDEXES}
    UPDATE ${tableIn(schema)} SET ${toActive(schema, queue)}
    WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${tableIn(schema)}
      WHERE ${isDueIn(schema, name)}
      ${IN_ORDER}
      LIMIT ${most} FOR UPDATE SKIP LOCKED))
    RETURNING ${CLAIMED}`;
}
