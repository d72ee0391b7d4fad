import { InvalidOptionError } from '../../errors.js';
import { peek } from '../../show.js';
import type { TransactionClient } from '../../backends/task-backend.js';
import { Channels } from '../talk/channels.js';
import { Claimer } from '../claims/claimer.js';
import type { Limits } from '../claims/limits.js';
import { Room } from '../claims/room.js';
import type { Database } from '../database.js';
import { complete } from './complete.js';
import { keepError } from './error-json.js';
import type { Beating } from '../heartbeats/beat.js';
import { touchOf } from '../heartbeats/touch-of.js';
import { openBoss } from '../open-boss.js';
import type { Boss } from '../pg-boss.js';
import { LOST_AT_MOST } from './lost-at-most.js';
import { type NewJob, toRow } from './new-job.js';
import { Queues } from './queues.js';
import { Schedules } from './schedules.js';
import type { Claimed } from './stored-job.js';
import { type Place, installTables } from './tables.js';

/**
 * The tables of pg-boss, and what the broker does in them: jobs are kept, claimed, and settled by the
 * batch. A claim is settled by the attempt that has it and no other: one that was given away since is
 * not touched.
 */
export class Store {
  readonly channels: Channels;
  readonly #boss: Boss;
  readonly #database: Database;
  readonly #schema: string;
  readonly #queue: string;
  readonly #queues: Queues;
  readonly #claimer: Claimer;
  readonly #room: Room;

  private constructor(boss: Boss, place: Place, limits: Limits) {
    const { database, schema, queue } = place;
    this.#boss = boss;
    this.#database = database;
    this.#schema = schema;
    this.#queue = queue;
    this.#queues = new Queues(boss, database, schema);
    this.#claimer = new Claimer(place, limits);
    this.channels = new Channels(place);
    this.#room = new Room(place, this.channels.wake);
  }

  /** Installs what is missing in the database. */
  static async open(place: Place, limits: Limits): Promise<Store> {
    const { database, schema, queue } = place;
    const boss = await openBoss(database, schema).catch((error: unknown) => {
      throw NO_NAME.has(peek(error, 'code'))
        ? new InvalidOptionError(
            'schema',
            schema,
            'PostgreSQL has that for itself: give another name',
          )
        : error;
    });
    const store = new Store(boss, place, limits);
    try {
      await store.#queues.open(queue);
      await installTables(database, schema);
      return store;
    } catch (error) {
      await boss.stop({ graceful: false });
      throw error;
    }
  }

  /**
   * Keeps jobs. Says which of them were new: for another one with the same key there's no place.
   *
   * @param client  In whose transaction it's done, together with what wakes those who do it.
   */
  async insert(jobs: readonly NewJob[], client?: TransactionClient): Promise<boolean[]> {
    for (const { deadLetter } of jobs) {
      if (deadLetter !== undefined) await this.#queues.prepare(deadLetter);
    }
    const rows = jobs.map(toRow);
    const where = client && { db: through(client) };
    const kept = await this.#boss.insert(this.#queue, rows, { returnId: true, ...where });
    const ids = new Set(kept);
    return jobs.map(({ id }) => ids.has(id));
  }

  /** Which job is there instead of one: that with its key that waits or runs, or itself, kept before. */
  async find({ id, key }: NewJob, client?: TransactionClient): Promise<string | undefined> {
    const where = client && { db: through(client) };
    const found = await this.#boss.findJobs(this.#queue, { key, ...where });
    const living = found.find(({ state }) => LIVING.has(state));
    return living?.id ?? found.find((each) => each.id === id)?.id;
  }

  claim(most: number): Promise<Claimed[]> {
    return this.#claimer.claim(most);
  }

  /** Whether others may have to wait for what is claimed here. */
  get isLimited(): boolean {
    return this.#claimer.isLimited;
  }

  /** Something doesn't run any more: then there's room in the fleet, if that is limited. */
  freed(): void {
    if (this.isLimited) this.#room.freed();
  }

  complete(claimed: readonly Claimed[]): Promise<void> {
    return complete(this.place, claimed);
  }

  /** @param delay  In how many seconds it's done again; none: it's dead. */
  async fail(claimed: Claimed, error: unknown, delay: number | undefined): Promise<void> {
    const { id, retryCount } = claimed;
    const limit = delay === undefined ? 'retry_count' : `retry_count + 1 + ${LOST_AT_MOST}`;
    await this.#database.executeSql(
      `UPDATE ${this.#schema}.job SET retry_limit = ${limit}, retry_backoff = false,
         retry_delay = CASE WHEN data ? 'cancelled' THEN 0 ELSE $4 END
       WHERE name = $1 AND id = $2 AND retry_count = $3 AND state = 'active'`,
      [this.#queue, id, retryCount, delay ?? 0],
    );
    await this.#boss.fail(this.#queue, [toAttempt(claimed)], keepError(error));
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
    await this.channels.sayWake();
  }

  /** Says again and again of claims that somebody is at them. One that's being settled need not be told of. */
  beat(): Beating {
    return this.#database.beat(touchOf(this.#schema, this.#queue));
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

  get schedules(): Schedules {
    return new Schedules(this.#boss, this.#queue);
  }

  /** For what else is kept there. */
  get place(): Place {
    return { database: this.#database, schema: this.#schema, queue: this.#queue };
  }

  /** Nobody waits for the database any more. */
  abandon(): void {
    this.#database.abandon();
  }

  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await this.#database.close();
  }
}

/** What is said of a schema that is called as a word of SQL, or as those of PostgreSQL itself are. */
const NO_NAME: ReadonlySet<unknown> = new Set(['42601', '42939']);

const LIVING: ReadonlySet<string> = new Set(['created', 'retry', 'active']);

const through = (client: TransactionClient) => ({
  executeSql: (text: string, values?: unknown[]) => client.query(text, values),
});

const toAttempt = ({ id, retryCount }: Claimed) => ({ id, retryCount });
