import { log } from '../../log.js';
import type { Database } from '../database.js';
import { type Claimed, type StoredJob, inOrder } from '../stored-job.js';
import type { Place } from '../tables.js';
import { claimFairly } from './claim-fairly.js';
import { claimIn } from './claim-in.js';
import { indexOthers } from './group-indexes.js';
import { type Limits, isLimited } from './limits.js';
import { isOpenIn, lockFor } from './sql.js';

const debug = log('broker');

/** How often it's looked again for one claim, at the most: others may have been faster. */
const MOST_LOOKS = 10;

type Row = Record<string, unknown>;

/**
 * Claims jobs: the oldest ones, as long as none that waits has a group; else groups take turns. Where
 * there's a limit one claims at a time in the whole fleet, so that nobody counts what another one is about
 * to add.
 */
export class Claimer {
  readonly #database: Database;
  readonly #schema: string;
  readonly #queue: string;
  readonly #limits: Limits;
  /** Whether a job with a group waited when it was last looked. */
  #isGrouped = false;
  /** The group after which it goes on, when there are more than can be looked at. */
  #after = '';
  #isIndexed = false;

  constructor({ database, schema, queue }: Place, limits: Limits) {
    this.#database = database;
    this.#schema = schema;
    this.#queue = queue;
    this.#limits = limits;
  }

  get isLimited(): boolean {
    return isLimited(this.#limits);
  }

  async claim(most: number): Promise<Claimed[]> {
    if (this.isLimited) return (await this.#isOpen()) ? this.#claimFairly(most) : [];
    if (this.#isGrouped) return this.#claimFairly(most);
    const { rows } = await this.#database.executeSql(claimIn(this.#schema), [this.#queue, most]);
    const jobs = rows.filter(isJob).map(toClaimed);
    this.#isGrouped = jobs.length < rows.length;
    return this.#isGrouped ? this.#claimFairly(most) : jobs.sort(inOrder);
  }

  async #claimFairly(most: number): Promise<Claimed[]> {
    await this.#index();
    const jobs: Claimed[] = [];
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const rows = await this.#look(most - jobs.length);
      jobs.push(...rows.filter(isJob).map(toClaimed));
      const [said] = rows;
      this.#isGrouped = said?.isGrouped === true;
      this.#after = typeof said?.last === 'string' ? said.last : '';
      if (said?.isMore !== true) break;
    }
    return jobs;
  }

  async #look(most: number): Promise<readonly Row[]> {
    const claim = { queue: this.#queue, most, after: this.#after, limits: this.#limits };
    const text = claimFairly(this.#schema, claim);
    // The lock is the transaction's, and what's claimed is counted after it has been given.
    const lock = this.isLimited ? `${lockFor(this.#schema, this.#queue)};` : '';
    return (await this.#database.executeSql(lock + text)).rows;
  }

  /** Whether it's worth while to wait for the lock. */
  async #isOpen(): Promise<boolean> {
    const { fleetConcurrency } = this.#limits;
    const { rows } = await this.#database.executeSql(isOpenIn(this.#schema, fleetConcurrency), [
      this.#queue,
    ]);
    return rows[0]?.isOpen === true;
  }

  async #index(): Promise<void> {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    await indexOthers(this.#database, this.#schema).catch((error: unknown) => {
      debug('groups go without indexes: %O', error);
    });
  }
}

const isJob = ({ id }: Row) => id !== null;

const toClaimed = ({ id, retryCount, data }: Row): Claimed => ({
  ...(data as StoredJob),
  id: String(id),
  retryCount: Number(retryCount),
});
