import { asyncScheduler } from 'rxjs';
import { log } from '../log.js';
import type { Beating, Touch } from './heartbeats/beat.js';
import { beatOnThread } from './heartbeats/beat-on-thread.js';
import { type PgClient, type PgPool, type Rows, loadPg } from './pg-boss.js';

/** A database, as the broker uses it, wherever it is. */
export interface Database {
  /** Whether it's in this process, so that there's one connection and no other process. */
  readonly isEmbedded: boolean;
  executeSql(text: string, values?: unknown[]): Promise<Rows>;
  /** Hears what is said on some channels, for as long as it's not closed, also after connections were lost. */
  listen(channels: readonly string[], listener: Listener): Promise<Listening>;
  /** Says again and again of claims that somebody is at them, whatever this thread is busy with. */
  beat(touch: Touch): Beating;
  close(): Promise<void>;
}

export interface Listener {
  readonly heard: (channel: string, text: string) => void;
  /** It listens again: what was said meanwhile has been missed. */
  readonly missed: () => void;
  /** It doesn't listen any more, and tries to. */
  readonly lost: (error: unknown) => void;
}

export interface Listening {
  close(): void;
}

const debug = log('broker');

/** How long until it's tried again to listen, in ms: soon, and then a little later each time. */
const SOONEST = 100;
const LATEST = 2_000;
/** How often it's asked whether it still listens, and how long an answer may take, in ms. */
const CHECK_EVERY = 3_000;
const ANSWER_WITHIN = 3_000;

/** PostgreSQL, over a pool of connections. */
export class PoolDatabase implements Database {
  readonly isEmbedded = false;
  readonly #pool: PgPool;
  readonly #isOurs: boolean;

  constructor(pool: PgPool, isOurs: boolean) {
    this.#pool = pool;
    this.#isOurs = isOurs;
    // A connection that is lost while nobody uses it: the next one is another.
    pool.on('error', (error) => {
      debug('a connection is lost: %O', error);
    });
  }

  /** @throws {@link MissingPackageError} */
  static async connect(connectionString: string, connections: number): Promise<PoolDatabase> {
    const { Pool } = await loadPg();
    const settings = { connectionString, max: connections, application_name: 'rxvisor' };
    return new PoolDatabase(new Pool({ ...settings, connectionTimeoutMillis: 10_000 }), true);
  }

  async executeSql(text: string, values?: unknown[]): Promise<Rows> {
    const result = await this.#pool.query(text, values);
    return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows) } : result;
  }

  async listen(channels: readonly string[], listener: Listener): Promise<Listening> {
    const ear = new Ear(this.#pool, channels, listener);
    await ear.open();
    return ear;
  }

  beat(touch: Touch): Beating {
    return beatOnThread(this.#pool, touch);
  }

  async close(): Promise<void> {
    if (this.#isOurs) await this.#pool.end();
  }
}

/** One connection that listens, and another one when that is lost. */
class Ear implements Listening {
  readonly #pool: PgPool;
  readonly #channels: readonly string[];
  readonly #listener: Listener;
  #client: PgClient | undefined;
  #isClosed = false;
  #failures = 0;
  #timer = asyncScheduler.schedule(() => undefined);

  constructor(pool: PgPool, channels: readonly string[], listener: Listener) {
    this.#pool = pool;
    this.#channels = channels;
    this.#listener = listener;
  }

  async open(): Promise<void> {
    const client = await this.#pool.connect();
    if (this.#isClosed) {
      client.release(true);
      return;
    }
    this.#client = client;
    client.on('notification', ({ channel, payload = '' }) => {
      this.#listener.heard(channel, payload);
    });
    const lost = (error: unknown) => {
      this.#lost(client, error);
    };
    client.on('error', lost);
    client.on('end', () => {
      lost(new Error('the connection has ended'));
    });
    try {
      for (const channel of this.#channels) await client.query(`LISTEN "${channel}"`);
    } catch (error) {
      this.#drop(client);
      throw error;
    }
    this.#failures = 0;
    this.#timer = asyncScheduler.schedule(() => void this.#check(client), CHECK_EVERY);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.unsubscribe();
    if (this.#client) this.#drop(this.#client);
  }

  /** A connection may be gone without anybody having said so. */
  async #check(client: PgClient): Promise<void> {
    const limit = asyncScheduler.schedule(() => {
      this.#lost(client, new Error(`no answer within ${ANSWER_WITHIN} ms`));
    }, ANSWER_WITHIN);
    try {
      await client.query('SELECT 1');
      if (this.#client !== client) return;
      this.#timer = asyncScheduler.schedule(() => void this.#check(client), CHECK_EVERY);
    } catch (error) {
      this.#lost(client, error);
    } finally {
      limit.unsubscribe();
    }
  }

  #lost(client: PgClient, error: unknown): void {
    if (this.#client !== client || this.#isClosed) return;
    this.#drop(client);
    this.#listener.lost(error);
    this.#tryAgain();
  }

  #tryAgain(): void {
    const delay = Math.min(SOONEST * 2 ** this.#failures++, LATEST);
    this.#timer = asyncScheduler.schedule(() => {
      this.open().then(
        () => {
          if (!this.#isClosed) this.#listener.missed();
        },
        (error: unknown) => {
          debug('it does not listen yet: %O', error);
          if (!this.#isClosed) this.#tryAgain();
        },
      );
    }, delay);
  }

  #drop(client: PgClient): void {
    this.#client = undefined;
    this.#timer.unsubscribe();
    client.removeAllListeners();
    // What it still says of its end is for nobody.
    client.on('error', () => undefined);
    client.release(true);
  }
}
