import { peek } from '../../show.js';
import { randomUUID } from 'node:crypto';
import type { Job } from '../../backends/job.js';
import { InvalidOptionError } from '../../errors.js';
import { type Check, checkGiven } from '../../task/check.js';
import { toError } from './error-json.js';
import { isId } from '../id.js';
import { LOST_AT_MOST } from './lost-at-most.js';
import type { Place } from './tables.js';

/** A job that has failed for good, and is kept. */
export interface DeadLetter<J extends Job = Job> {
  /** By which it's redriven. Not that of the job. */
  readonly id: string;
  readonly job: J;
  /** The id that `submit` gave. */
  readonly jobId: string;
  /** What its last attempt has failed with, as an error that has come from elsewhere. */
  readonly error: unknown;
  readonly attempts: number;
  readonly submittedAt: Date;
  readonly failedAt: Date;
  /** The queue that keeps it. */
  readonly queue: string;
}

/** The jobs of a queue that have failed for good, in whatever queue they're kept. */
export class DeadLetters {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** The oldest first. */
  async list<J extends Job>(): Promise<DeadLetter<J>[]> {
    const { database, schema, queue } = this.#place;
    const { rows } = await database.executeSql(
      `SELECT id::text AS id, data, source_id::text AS source_id, source_output, source_retry_count,
         ${toMs('source_created_on')} AS submitted, ${toMs('created_on')} AS failed, name
       FROM ${schema}.job WHERE source_name = $1 AND state < 'active' ORDER BY created_on, id`,
      [queue],
    );
    return rows.map((row) => ({
      id: String(row.id),
      // Whatever somebody else has put there is what it is.
      job: (peek(row.data, 'job') ?? row.data) as J,
      jobId: String(row.source_id),
      error: toError(row.source_output),
      attempts: Number(row.source_retry_count) + 1,
      submittedAt: new Date(Number(row.submitted)),
      failedAt: new Date(Number(row.failed)),
      queue: String(row.name),
    }));
  }

  /**
   * Has it done again, as it was submitted. If another job with its key waits or runs, that is the one, and
   * the letter stays.
   *
   * @returns A promise of the id of the job that it is now. It rejects with {@link InvalidOptionError} if
   *   there's no such letter.
   */
  async redrive(id: string): Promise<string> {
    checkGiven('id', id, anId);
    const found = (await this.#likeIt(id)) ?? (await this.#resubmit(id));
    if (found === undefined) throw new InvalidOptionError('id', id, anId.wanted);
    return found;
  }

  /** The job that waits or runs with the key of a letter. */
  async #likeIt(id: string): Promise<string | undefined> {
    const { database, schema, queue } = this.#place;
    const { rows } = await database.executeSql(
      `SELECT job.id::text AS id FROM ${schema}.job AS letter JOIN ${schema}.job
         ON job.name = $1 AND job.singleton_key = letter.singleton_key AND job.state <= 'active'
       WHERE letter.source_name = $1 AND letter.id = $2 AND letter.state < 'active'`,
      [queue, id],
    );
    return rows[0] && String(rows[0].id);
  }

  async #resubmit(id: string): Promise<string | undefined> {
    const { database, schema, queue } = this.#place;
    // All of it or nothing.
    const { rows } = await database.executeSql(
      `WITH letter AS (
         DELETE FROM ${schema}.job WHERE id = $2 AND source_name = $1 AND state < 'active' RETURNING *
       )
       INSERT INTO ${schema}.job (id, name, data, priority, singleton_key, policy, dead_letter,
         retry_limit, retry_delay, retry_backoff, expire_seconds, keep_until, heartbeat_seconds,
         source_root_id, group_id)
       SELECT $3, $1, letter.data - 'isExecuted', letter.priority, letter.singleton_key, queue.policy, letter.name,
         ${LOST_AT_MOST}, 0, false,
         COALESCE((letter.data ->> 'expireIn')::int + 10, queue.expire_seconds),
         now() + queue.retention_seconds * interval '1s', queue.heartbeat_seconds,
         COALESCE(letter.source_root_id, letter.source_id), letter.group_id
       FROM letter JOIN ${schema}.queue ON queue.name = $1
       RETURNING id::text AS id`,
      [queue, id, randomUUID()],
    );
    const [row] = rows;
    return row && String(row.id);
  }
}

const anId: Check = {
  accepts: isId,
  wanted: 'give the id of one of those that deadLetters() lists',
};

const toMs = (column: string) => `extract(epoch FROM ${column}) * 1000`;
