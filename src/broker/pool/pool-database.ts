import { BackendClosedError, BackendDownError, InvalidOptionError } from '../../errors.js';
import { log } from '../../log.js';
import type { Database, Listener, Listening } from '../database.js';
import type { Beating, Touch } from '../heartbeats/beat.js';
import { beatOnThread } from '../heartbeats/beat-on-thread.js';
import { CONNECTION_STRING } from '../options.js';
import { type PgClient, type PgPool, type PgQuery, type Rows, loadPg } from '../pg-boss.js';
import { addressOf } from './address.js';
import { Ear } from './ear.js';
import { type Fault, faultOf } from './fault.js';
import { scheduleIn } from '../../schedulers/schedule-in.js';

const debug = log('broker');

/** How long a statement may take, in ms: then its connection is as good as lost, and another one's turn. */
const ANSWER_WITHIN = 10_000;
/** The same until it listens: tables may be made, and others may be at that, too. */
const INSTALLED_WITHIN = 60_000;

/** PostgreSQL, over a pool of connections. */
export class PoolDatabase implements Database {
  readonly isEmbedded = false;
  readonly #pool: PgPool;
  readonly #isOurs: boolean;
  readonly #connections = new Set<PgClient>();
  readonly #asked = new Set<() => void>();
  #patience = INSTALLED_WITHIN;
  #isAbandoned = false;
  #closing: Promise<void> | undefined;

  constructor(pool: PgPool, isOurs: boolean) {
    this.#pool = pool;
    this.#isOurs = isOurs;
    // A connection that is lost while nobody uses it: the next one is another.
    pool.on('error', sayLost);
    pool.on('connect', this.#connected);
    pool.on('remove', this.#removed);
  }

  /**
   * Makes a pool. Nothing is connected yet.
   *
   * @throws {@link MissingPackageError}, {@link InvalidOptionError}
   */
  static async connect(connectionString: string, connections: number): Promise<PoolDatabase> {
    const { Pool } = await loadPg();
    const settings = { connectionString, max: connections, application_name: 'rxvisor' };
    const pool = new Pool({ ...settings, connectionTimeoutMillis: 10_000 });
    if (addressOf(pool)) return new PoolDatabase(pool, true);
    // What isn't understood may hold a password, so it isn't said.
    throw new InvalidOptionError('connectionString', 'malformed', CONNECTION_STRING);
  }

  readonly #connected = (client: PgClient): void => {
    // It may be lost in the very moment that it's there: before whoever has asked for it can listen.
    client.on('error', sayLost);
    if (this.#isOurs) this.#connections.add(client);
  };

  readonly #removed = (client: PgClient): void => {
    this.#connections.delete(client);
  };

  async executeSql(text: string, values: unknown[] = []): Promise<Rows> {
    try {
      const result = await this.#answer({ text, values, query_timeout: this.#patience });
      return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows) } : result;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  answersWithin(time: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = scheduleIn(time, () => {
        reject(this.#toDown({ why: `no answer within ${Math.ceil(time)} ms`, isPassing: true }));
      });
      this.executeSql('SELECT 1')
        .then(() => {
          resolve();
        }, reject)
        .finally(() => {
          limit.unsubscribe();
        });
    });
  }

  abandon(): void {
    this.#isAbandoned = true;
    for (const giveUp of this.#asked) giveUp();
    // Else each would be waited for until its statement has taken too long.
    for (const client of this.#connections) client.end().catch(sayLost);
  }

  async listen(channels: readonly string[], listener: Listener): Promise<Listening> {
    const ear = new Ear(this.#pool, (error) => this.#explain(error), channels, listener);
    await ear.open().catch((error: unknown) => {
      throw this.#explain(error);
    });
    this.#patience = ANSWER_WITHIN;
    return ear;
  }

  #answer(query: PgQuery): Promise<Rows | Rows[]> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        reject(new BackendClosedError());
      };
      if (this.#isAbandoned) {
        giveUp();
        return;
      }
      this.#asked.add(giveUp);
      this.#pool
        .query(query)
        .then(resolve, reject)
        .finally(() => this.#asked.delete(giveUp));
    });
  }

  #explain(error: unknown): Error {
    const fault = faultOf(error);
    return fault ? this.#toDown(fault) : (error as Error);
  }

  #toDown({ why, isPassing }: Fault): BackendDownError {
    const address = addressOf(this.#pool);
    const where = address ? ` at ${address.host}:${address.port}` : '';
    const wayOut = this.#isOurs
      ? 'give another connectionString'
      : 'give a pool that leads elsewhere';
    return new BackendDownError(
      `no connection to PostgreSQL${where} (${why}): ${isPassing ? 'start it there, or ' : ''}${wayOut}`,
      { ...address, isPassing },
    );
  }

  beat(touch: Touch): Beating {
    return beatOnThread(this.#pool, touch);
  }

  async close(): Promise<void> {
    if (this.#isOurs) {
      await (this.#closing ??= this.#pool.end());
      return;
    }
    this.#pool.removeListener('error', sayLost);
    this.#pool.removeListener('connect', this.#connected);
    this.#pool.removeListener('remove', this.#removed);
  }
}

/** Not all of it: the pool puts its connection there, with the password. */
const sayLost = ({ message }: Error) => {
  debug('a connection is lost: %s', message);
};
