import type { Database } from '../database.js';

/**
 * Jobs that look as if they were being done, in an embedded database that has just been opened, were lost
 * with the last process: there's no other one. So nobody need wait until their heartbeats are missed.
 */
export async function giveUpLost(database: Database, schema: string): Promise<void> {
  if (!database.isEmbedded) return;
  await database.executeSql(
    `UPDATE ${schema}.job SET heartbeat_on = 'epoch' WHERE state = 'active' AND heartbeat_seconds IS NOT NULL`,
  );
}
