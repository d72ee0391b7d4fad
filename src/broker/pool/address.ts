import type { PgPool } from '../pg-boss.js';

/** Where a database is looked for. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where the connections of a pool lead to, as node-postgres understands it; nothing if it doesn't. */
export function addressOf(pool: PgPool): Address | undefined {
  const { Client, options } = pool as Partial<OfNodePostgres>;
  if (!Client || !options) return undefined;
  try {
    // One that never connects: only it knows what all there is to it, the environment's variables, too.
    const { host, port } = new Client({ ...options, stream: undefined });
    return { host, port };
  } catch {
    return undefined;
  }
}

interface OfNodePostgres {
  readonly Client: new (options: object) => Address;
  readonly options: object;
}
