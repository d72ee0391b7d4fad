/**
 * The statement that claims jobs of a queue ($1), as many as there are up to a number ($2): oldest first
 * among those of the same priority, as pg-boss does it.
 *
 * Not its `fetch`, which joins the jobs that it has locked with the table: of a queue that has just been
 * filled the planner knows nothing, and compares each of them with all the others.
 */
export const claimIn = (schema: string) => `
  UPDATE ${schema}.job_common SET
    state = 'active', started_on = ${schema}.job_now(), heartbeat_on = ${schema}.job_now(),
    retry_count = retry_count + (started_on IS NOT NULL)::int
  WHERE name = $1 AND id = ANY (ARRAY(
    SELECT id FROM ${schema}.job_common
    WHERE name = $1 AND state < 'active' AND NOT blocked AND start_after <= ${schema}.job_now()
    ORDER BY priority DESC, created_on
    LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING id, data, retry_count AS "retryCount"`;
