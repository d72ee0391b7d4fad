import { Subscription, asyncScheduler } from 'rxjs';
import { log } from '../../log.js';
import type { Listener, Listening } from '../database.js';
import type { PgClient, PgPool } from '../pg-boss.js';

const debug = log('broker');

/** How long until it's tried again to listen, in ms: soon, and then a little later each time. */
const SOONEST = 100;
const LATEST = 2_000;
/** How often it's asked whether it still listens, and how long an answer may take, in ms. */
const CHECK_EVERY = 3_000;
const ANSWER_WITHIN = 3_000;

/** One connection that listens, and another one when that is lost. */
export class Ear implements Listening {
  readonly #pool: PgPool;
  readonly #explain: (error: unknown) => Error;
  readonly #channels: readonly string[];
  readonly #listener: Listener;
  #client: PgClient | undefined;
  #isClosed = false;
  #failures = 0;
  #timer = Subscription.EMPTY;

  /** @param explain  What the matter is when something fails. */
  constructor(
    pool: PgPool,
    explain: (error: unknown) => Error,
    channels: readonly string[],
    listener: Listener,
  ) {
    this.#pool = pool;
    this.#explain = explain;
    this.#channels = channels;
    this.#listener = listener;
  }

  async open(): Promise<void> {
    const client = await this.#pool.connect();
    // Whatever breaks now is said by what is asked.
    client.on('error', () => undefined);
    client.on('notification', ({ channel, payload = '' }) => {
      this.#listener.heard(channel, payload);
    });
    try {
      for (const channel of this.#channels) {
        await client.query({ text: `LISTEN "${channel}"`, query_timeout: ANSWER_WITHIN });
      }
    } catch (error) {
      release(client);
      throw error;
    }
    if (this.#isClosed) release(client);
    else this.#listenWith(client);
  }

  #listenWith(client: PgClient): void {
    const lost = (error: unknown) => {
      this.#lost(client, error);
    };
    client.on('error', lost);
    client.on('end', () => {
      lost(new Error('Connection terminated'));
    });
    this.#client = client;
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
      this.#lost(client, new Error(`timeout exceeded: no answer within ${ANSWER_WITHIN} ms`));
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
    this.#listener.lost(this.#explain(error));
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
          debug('it does not listen yet: %s', this.#explain(error).message);
          if (!this.#isClosed) this.#tryAgain();
        },
      );
    }, delay);
  }

  #drop(client: PgClient): void {
    this.#client = undefined;
    this.#timer.unsubscribe();
    release(client);
  }
}

/** For good: it isn't what a pool has lent any more. */
function release(client: PgClient): void {
  client.removeAllListeners();
  // What it still says of its end is for nobody.
  client.on('error', () => undefined);
  client.release(true);
}
