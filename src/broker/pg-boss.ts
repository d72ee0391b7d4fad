import { createRequire } from 'node:module';
import { MissingPackageError } from '../errors.js';

// Of pg-boss and node-postgres, no more than is used. Their declarations don't compile without those of
// one another, which nobody who only imports this package has.

/** What a query gives. */
export interface Rows {
  readonly rows: readonly Record<string, unknown>[];
}

/** `PgBoss` of pg-boss 12.35.0. */
export interface Boss {
  on(event: 'error' | 'warning', listener: (said: unknown) => void): unknown;
  start(): Promise<unknown>;
  stop(options: { readonly graceful: boolean }): Promise<void>;
  createQueue(name: string, options: object): Promise<void>;
  insert(
    queue: string,
    jobs: readonly object[],
    options: { readonly returnId: true; readonly db?: BossDb },
  ): Promise<string[] | null>;
  schedule(queue: string, cron: string, data: object, options: object): Promise<void>;
  unschedule(queue: string, key: string): Promise<void>;
  findJobs(
    queue: string,
    options: { readonly key: string; readonly db?: BossDb },
  ): Promise<Found[]>;
  fail(queue: string, attempts: readonly BossAttempt[], output: object): Promise<unknown>;
}

/** Where it runs a statement. */
export interface BossDb {
  executeSql(text: string, values?: unknown[]): Promise<Rows>;
}

export interface BossAttempt {
  readonly id: string;
  readonly retryCount: number;
}

interface Found {
  readonly id: string;
  readonly state: string;
}

/** `Pool` of node-postgres, or what does the same. */
export interface PgPool {
  /** Of node-postgres they're more. */
  readonly options?: { readonly max?: number };
  query(query: PgQuery): Promise<Rows | Rows[]>;
  connect(): Promise<PgClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect' | 'remove', listener: (client: PgClient) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'connect' | 'remove', listener: (client: PgClient) => void): unknown;
}

/** What it's asked. */
export interface PgQuery {
  readonly text: string;
  readonly values?: unknown[];
  /** How long an answer may take, in ms: then the connection is given up. */
  readonly query_timeout?: number;
}

/** One of its connections. */
export interface PgClient {
  query(query: string | PgQuery): Promise<Rows | Rows[]>;
  release(destroy?: boolean): void;
  /** Breaks the connection if it's waiting for an answer. */
  end(): Promise<void>;
  on(event: 'notification', listener: (said: Notification) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  removeAllListeners(): unknown;
}

interface Notification {
  readonly channel: string;
  readonly payload?: string;
}

/** Not a literal, so that nobody looks for its declarations. */
const PACKAGE = 'pg-boss' as string;

/** @throws {@link MissingPackageError} */
export async function loadBoss(): Promise<{ readonly PgBoss: new (options: object) => Boss }> {
  try {
    return (await import(PACKAGE)) as { readonly PgBoss: new (options: object) => Boss };
  } catch (cause) {
    throw new MissingPackageError('pg-boss@12.35.0', 'to keep jobs in a database', { cause });
  }
}

/**
 * node-postgres comes with pg-boss, so it's looked for from there.
 *
 * @throws {@link MissingPackageError}
 */
export async function loadPg(): Promise<{ readonly Pool: new (options: object) => PgPool }> {
  await loadBoss();
  const require = createRequire(import.meta.resolve(PACKAGE));
  return require('pg') as { readonly Pool: new (options: object) => PgPool };
}
