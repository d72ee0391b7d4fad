import { createHash } from 'node:crypto';
import { log } from '../log.js';
import { encodeError } from '../thread/error-codec.js';
import type { Database, Listener, Listening } from './database.js';
import type { Beating } from './heartbeats/beat.js';
import { type Boss, loadBoss } from './pg-boss.js';
import type { Claimed, StoredJob } from './stored-job.js';

const debug = log('broker');

/** A job that is to be kept. */
export interface NewJob {
  readonly id: string;
  readonly stored: StoredJob;
  /** In seconds. */
  readonly delay: number;
  readonly key: string;
}

/** Who hears what is said in the database. */
export interface Told extends Omit<Listener, 'heard'> {
  /** There's a job in the queue. */
  readonly work: () => void;
  /** Another backend has said something. */
  readonly heard: (text: string) => void;
}

/** How often a job is begun again whose machine was lost with it, besides what it's told. */
const LOST_AT_MOST = 3;
/** How long a machine may say nothing before it's taken for lost, in seconds. The least that there is. */
export const HEARTBEAT = 10;
/** How often it's looked for such machines, in seconds. */
const SUPERVISE_EVERY = 2;

/**
 * The tables of pg-boss, and what the broker does in them: jobs are kept, claimed, and settled by the
 * batch. A claim is settled by the attempt that has it and no other: one that was given away since is
 * not touched.
 */
export class Store {
  readonly #boss: Boss;
  readonly #database: Database;
  readonly #schema: string;
  readonly #queue: string;

  private constructor(boss: Boss, database: Database, schema: string, queue: string) {
    this.#boss = boss;
    this.#database = database;
    this.#schema = schema;
    this.#queue = queue;
  }

  /** Installs what is missing in the database. */
  static async open(database: Database, schema: string, queue: string): Promise<Store> {
    const { PgBoss } = await loadBoss();
    const boss = new PgBoss({
      db: database,
      schema,
      ...(database.isEmbedded && { backend: 'pglite' }),
      superviseIntervalSeconds: SUPERVISE_EVERY,
      monitorIntervalSeconds: SUPERVISE_EVERY,
    });
    boss.on('error', (error) => {
      debug('pg-boss: %O', error);
    });
    await boss.start();
    const dead = deadOf(queue);
    await boss.createQueue(dead, { retryLimit: 0 });
    // One job waits or runs for each key; each has one, so that all the others differ.
    await boss.createQueue(queue, {
      policy: 'exclusive',
      notify: true,
      deadLetter: dead,
      heartbeatSeconds: HEARTBEAT,
    });
    return new Store(boss, database, schema, queue);
  }

  /** Keeps jobs. Says which of them were new: for another one with the same key there's no place. */
  async insert(jobs: readonly NewJob[]): Promise<boolean[]> {
    const rows = jobs.map(({ id, stored, delay, key }) => ({
      id,
      data: stored,
      singletonKey: key,
      ...(delay > 0 && { startAfter: delay }),
      retryLimit: Math.min(
        (stored.again.most ?? stored.again.delays.length) + LOST_AT_MOST,
        2 ** 31 - 1,
      ),
      retryDelay: 0,
    }));
    const kept = new Set(await this.#boss.insert(this.#queue, rows, { returnId: true }));
    return jobs.map(({ id }) => kept.has(id));
  }

  /** Which job with a key waits or runs. */
  async find(key: string): Promise<string | undefined> {
    const [found] = await this.#boss.findJobs(this.#queue, { key });
    return found && LIVING.has(found.state) ? found.id : undefined;
  }

  async claim(most: number): Promise<Claimed[]> {
    const jobs = await this.#boss.fetch(this.#queue, { batchSize: most });
    return jobs.map(({ id, retryCount, data }) => ({ ...(data as StoredJob), id, retryCount }));
  }

  async complete(claimed: readonly Claimed[]): Promise<void> {
    await this.#boss.complete(this.#queue, claimed.map(toAttempt));
  }

  /** @param delay  In how many seconds it's done again; none: it's dead. */
  async fail(claimed: Claimed, error: unknown, delay: number | undefined): Promise<void> {
    const { id, retryCount } = claimed;
    const limit = delay === undefined ? 'retry_count' : 'GREATEST(retry_limit, retry_count + 1)';
    await this.#database.executeSql(
      `UPDATE ${this.#schema}.job SET retry_limit = ${limit}, retry_delay = $4, retry_backoff = false
       WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active'`,
      [this.#queue, id, retryCount, delay ?? 0],
    );
    await this.#boss.fail(this.#queue, [toAttempt(claimed)], { error: encodeError(error) });
  }

  /** Gives jobs back that were not done, as if they had not been claimed. */
  async giveBack(claimed: readonly Claimed[]): Promise<void> {
    if (claimed.length === 0) return;
    await this.#database.executeSql(
      `UPDATE ${this.#schema}.job AS job
       SET state = (CASE WHEN job.retry_count > 0 THEN 'retry' ELSE 'created' END)::${this.#schema}.job_state,
         started_on = NULL, heartbeat_on = NULL
       FROM unnest($2::uuid[], $3::int[]) AS given (id, retry_count)
       WHERE job.name = $1 AND job.id = given.id AND job.retry_count = given.retry_count AND job.state = 'active'`,
      [this.#queue, claimed.map(({ id }) => id), claimed.map(({ retryCount }) => retryCount)],
    );
    await this.say(this.#wake, this.#queue);
  }

  /** Says again and again of claims that somebody is at them. One that's being settled need not be told of. */
  beat(): Beating {
    const schema = this.#schema;
    return this.#database.beat({
      queue: this.#queue,
      text: `UPDATE ${schema}.job AS job SET heartbeat_on = ${schema}.job_now()
        FROM (SELECT id FROM ${schema}.job AS held
            JOIN unnest($2::uuid[], $3::int[]) AS given (id, retry_count) USING (id, retry_count)
          WHERE held.name = $1 AND held.state = 'active' FOR UPDATE OF held SKIP LOCKED) AS living
        WHERE job.name = $1 AND job.id = living.id`,
    });
  }

  /** Which of some jobs are over. */
  async settled(ids: readonly string[]): Promise<string[]> {
    const { rows } = await this.#database.executeSql(
      `SELECT given.id::text AS id FROM unnest($2::uuid[]) AS given (id)
       WHERE NOT EXISTS (SELECT FROM ${this.#schema}.job AS job
         WHERE job.name = $1 AND job.id = given.id AND job.state IN ('created', 'retry', 'active'))`,
      [this.#queue, [...ids]],
    );
    return rows.map(({ id }) => String(id));
  }

  /** Says something to all the backends of this schema. */
  async say(channel: string, text: string): Promise<void> {
    await this.#database.executeSql('SELECT pg_notify($1, $2)', [channel, text]);
  }

  /** What pg-boss says when there's a job, with the queue as its text. */
  get #wake(): string {
    return `pgboss_${hash(this.#schema)}`;
  }

  /** What backends say to each other. */
  get channel(): string {
    return `rxvisor_${hash(this.#schema)}`;
  }

  /** Hears that there's a job in the queue, and what other backends say. */
  listen(told: Told): Promise<Listening> {
    return this.#database.listen([this.#wake, this.channel], {
      ...told,
      heard: (channel, text) => {
        if (channel === this.channel) told.heard(text);
        else if (text === this.#queue) told.work();
      },
    });
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await this.#database.close();
  }
}

const LIVING: ReadonlySet<string> = new Set(['created', 'retry', 'active']);

const toAttempt = ({ id, retryCount }: Claimed) => ({ id, retryCount });

/** Where the jobs of a queue go that have failed for good. */
export const deadOf = (queue: string): string => `${queue}.dead`;

/** As pg-boss makes it, so that its notifications are heard. */
const hash = (schema: string) => createHash('sha224').update(schema).digest('hex').slice(0, 24);
