import type { Database } from './database.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { type BrokerTaskBackendOptions, DATA_DIR } from './options.js';
import { PoolDatabase } from './pool/pool-database.js';

/** To claim and to settle, to submit, to listen. */
const CONNECTIONS = 5;

/** The database that's given, or else an embedded one. */
export async function openDatabase(options: BrokerTaskBackendOptions): Promise<Database> {
  const { pool, connectionString, dataDir = DATA_DIR } = options;
  if (pool) return new PoolDatabase(pool, false);
  if (connectionString !== undefined) return PoolDatabase.connect(connectionString, CONNECTIONS);
  return EmbeddedDatabase.open(dataDir);
}
