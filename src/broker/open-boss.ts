import { log } from '../log.js';
import type { Database } from './database.js';
import { giveUpLost } from './jobs/give-up-lost.js';
import { type Boss, loadBoss } from './pg-boss.js';

const debug = log('broker');

/** How often it's looked for machines that have said nothing for long, in seconds. */
const SUPERVISE_EVERY = 2;
/** How often it's looked whether the time of a schedule has come, and then what for, in seconds. */
const CRON_EVERY = 1;

/**
 * Installs the tables of pg-boss, and has it look after them.
 *
 * @throws {@link MissingPackageError}
 */
export async function openBoss(database: Database, schema: string): Promise<Boss> {
  const { PgBoss } = await loadBoss();
  const boss = new PgBoss({
    db: database,
    schema,
    ...(database.isEmbedded && { backend: 'pglite' }),
    cronMonitorIntervalSeconds: CRON_EVERY,
    cronWorkerIntervalSeconds: CRON_EVERY,
    superviseIntervalSeconds: SUPERVISE_EVERY,
    monitorIntervalSeconds: SUPERVISE_EVERY,
  });
  boss.on('error', (error) => {
    debug('pg-boss: %O', error);
  });
  await boss.start();
  await giveUpLost(database, schema);
  return boss;
}
