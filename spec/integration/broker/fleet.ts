import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { BrokerTaskBackend, type BrokerTaskBackendOptions } from 'rxvisor/broker';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Postgres, startPostgres } from '../../support/postgres.js';

/** One of node-postgres, of which there are no declarations here. */
export interface Client {
  connect(): Promise<void>;
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  on(event: 'notification', listener: (said: { readonly payload: string }) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  end(): Promise<void>;
}

/** A connection, of which nobody is told that it's lost: whoever uses it then is. */
export async function connect(connectionString: string): Promise<Client> {
  const client = new (loadPg().Client)({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A pool of somebody's, who ends it. */
export const openPool = (connectionString: string): Pool =>
  new (loadPg().Pool)({ connectionString });

type Pool = NonNullable<BrokerTaskBackendOptions['pool']>;

interface NodePostgres {
  readonly Client: new (options: object) => Client;
  readonly Pool: new (options: object) => Pool;
}

/** It comes with pg-boss. */
function loadPg(): NodePostgres {
  const require = createRequire(createRequire(import.meta.url).resolve('pg-boss'));
  return require('pg') as NodePostgres;
}

/** Backends that know nothing of each other but the database, and what a spec asks that directly. */
export class Fleet {
  url = '';
  #postgres: Postgres | undefined;
  readonly #backends: BrokerTaskBackend[] = [];
  readonly #clients: Client[] = [];

  async start(startDatabase = startPostgres): Promise<void> {
    this.#postgres = await startDatabase();
    this.url = this.#postgres.url;
  }

  /** Two of them, on a queue of their own. */
  async pair(options: Partial<BrokerTaskBackendOptions> = {}): Promise<Pair> {
    const queue = `q-${randomUUID()}`;
    const [near, far] = await Promise.all([
      this.open({ queue, ...options }),
      this.open({ queue, ...options }),
    ]);
    return { near, far, queue };
  }

  async open(options: Partial<BrokerTaskBackendOptions>): Promise<BrokerTaskBackend> {
    const how = options.pool ? {} : { connectionString: this.url };
    const backend = new BrokerTaskBackend({ shutdownTimeout: 5_000, ...how, ...options });
    this.#backends.push(backend);
    await backend.initialize();
    return backend;
  }

  async client(): Promise<Client> {
    const client = await connect(this.url);
    this.#clients.push(client);
    return client;
  }

  async query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const client = (this.#clients[0] ??= await this.client());
    return (await client.query(text, values)).rows;
  }

  /** What becomes of a job, as the database has it. */
  async stateOf(id: string): Promise<unknown> {
    const [row] = await this.query('SELECT state::text FROM rxvisor.job WHERE id = $1', [id]);
    return row?.state;
  }

  /** Ends the backends of one spec. */
  async clear(): Promise<void> {
    await Promise.all(this.#backends.splice(0).map((backend) => backend.shutdown()));
  }

  async stop(): Promise<void> {
    await this.clear();
    await Promise.all(this.#clients.map((client) => client.end()));
    await this.#postgres?.stop();
  }
}

/** A fleet for the specs of one file: its backends end with each of them, its database with the last. */
export function useFleet(startDatabase?: () => Promise<Postgres>): Fleet {
  const fleet = new Fleet();
  beforeAll(() => fleet.start(startDatabase));
  afterEach(() => fleet.clear());
  afterAll(() => fleet.stop());
  return fleet;
}

/** `near` submits, `far` does; neither has an executor yet. */
export interface Pair {
  readonly near: BrokerTaskBackend;
  readonly far: BrokerTaskBackend;
  readonly queue: string;
}

/** Waits until something is so, in a database where nobody tells. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  within = 20_000,
): Promise<void> {
  for (const start = Date.now(); !(await isSo());) {
    if (Date.now() - start > within) throw new Error(`not within ${within} ms: ${isSo.toString()}`);
    await setTimeout(5);
  }
}
