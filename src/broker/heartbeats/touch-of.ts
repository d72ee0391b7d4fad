import type { Touch } from './beat.js';

/** How it's said in the tables of a queue. A claim that is being settled, and so is locked, need not be told of. */
export const touchOf = (schema: string, queue: string): Touch => ({
  queue,
  text: `UPDATE ${schema}.job AS job SET heartbeat_on = ${schema}.job_now()
    FROM (SELECT id FROM ${schema}.job AS held
        JOIN unnest($2::uuid[], $3::int[]) AS given (id, retry_count) USING (id, retry_count)
      WHERE held.name = $1 AND held.id = ANY($2::uuid[]) AND held.state = 'active'
      FOR UPDATE OF held SKIP LOCKED) AS living
    WHERE job.name = $1 AND job.id = ANY($2::uuid[]) AND job.id = living.id`,
});
