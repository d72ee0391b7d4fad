import type { Database } from '../database.js';

/**
 * Jobs that look as if they were being done, in an embedded database that has just been opened, were lost
 * with the last process: there's no other one. So nobody need wait until their heartbeats are missed: they
 * wait again, before what is submitted from now on. One that was lost too often is left to pg-boss, which
 * soon says that it's dead.
 */
export async function giveUpLost(database: Database, schema: string): Promise<void> {
  if (!database.isEmbedded) return;
  await database.executeSql(
    `UPDATE ${schema}.job SET
       state = (CASE WHEN retry_count < retry_limit THEN 'retry' ELSE 'active' END)::${schema}.job_state,
       heartbeat_on = CASE WHEN retry_count < retry_limit THEN NULL ELSE 'epoch'::timestamptz END
     WHERE state = 'active' AND heartbeat_seconds IS NOT NULL`,
  );
}
