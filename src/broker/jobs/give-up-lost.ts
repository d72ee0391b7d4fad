import type { Database } from '../database.js';

/**
 * Has jobs wait again, before what is submitted from now on, that were lost with the machine which did
 * them: those whose heartbeats have been missed, and in an embedded database that has just been opened all
 * that look as if they were being done, for there's no other process. pg-boss does the former later, every
 * two seconds; a process may not live for so long. It's also what says of one that was lost too often that
 * it's dead.
 */
export async function giveUpLost(database: Database, schema: string): Promise<void> {
  // What is said of the policy is true of all but letters from elsewhere, and lets an index find them.
  const isMissed = `policy = 'exclusive'
    AND heartbeat_on + heartbeat_seconds * interval '1 s' < ${schema}.job_now()`;
  await database.executeSql(
    `UPDATE ${schema}.job SET
       state = (CASE WHEN retry_count < retry_limit THEN 'retry' ELSE 'active' END)::${schema}.job_state,
       heartbeat_on = CASE WHEN retry_count < retry_limit THEN NULL ELSE 'epoch'::timestamptz END
     WHERE state = 'active' AND heartbeat_seconds IS NOT NULL
       AND (${database.isEmbedded ? 'true' : isMissed})`,
  );
}
