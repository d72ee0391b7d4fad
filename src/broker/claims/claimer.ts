import { asyncScheduler } from 'rxjs';
import { log } from '../../log.js';
import type { Database } from '../database.js';
import { type Claimed, type StoredJob, inOrder } from '../jobs/stored-job.js';
import type { Place } from '../jobs/tables.js';
import { claimFairly } from './claim-fairly.js';
import { claimIn } from './claim-in.js';
import { indexOthers } from './group-indexes.js';
import { type Limits, isLimited } from './limits.js';
import { lookForGroups, lookForRoom } from './looks.js';

const debug = log('broker');

/** How often it's looked whether a job with a group waits, in ms: asked with each claim it would cost a tenth. */
const LOOK_EVERY = 100;
/** How long until it's tried again to have indexes, in ms, when somebody has been writing for long. */
const INDEX_EVERY = 60_000;
/** How often it's looked again for one claim, at the most: others may have been faster. */
const MOST_LOOKS = 10;

type Row = Record<string, unknown>;

/**
 * Claims jobs: the oldest ones, until it's found that one with a group waits; then groups take turns, for
 * as long as there are any. Where there's a limit one claims at a time in the whole fleet, so that nobody
 * counts what another one is about to add.
 */
export class Claimer {
  readonly #database: Database;
  readonly #schema: string;
  readonly #queue: string;
  readonly #limits: Limits;
  /** Whether a job with a group waited when it was last looked. */
  #isGrouped = false;
  #lookedAt = -Infinity;
  /** Which group had the last turn here; '' are those without one. */
  #after = '';
  /** When it's tried to have indexes. */
  #indexAt = -Infinity;

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
    await this.#lookForGroups();
    if (this.#isGrouped) return this.#claimFairly(most);
    const { rows } = await this.#database.executeSql(claimIn(this.#schema, this.#queue, most));
    this.#isGrouped ||= rows.some(({ group }) => group !== null);
    return rows.map(toClaimed).sort(inOrder);
  }

  /** Nothing waits for the answer but the first claim. */
  async #lookForGroups(): Promise<void> {
    const now = asyncScheduler.now();
    if (this.#isGrouped || now - this.#lookedAt < LOOK_EVERY) return;
    const isFirst = this.#lookedAt === -Infinity;
    this.#lookedAt = now;
    const sql = lookForGroups(this.#schema, this.#queue);
    const looked = this.#database.executeSql(sql).then(
      ({ rows }) => (this.#isGrouped ||= rows[0]?.is === true),
      (error: unknown) => {
        debug('of groups: %O', error);
      },
    );
    if (isFirst) await looked;
  }

  async #claimFairly(most: number): Promise<Claimed[]> {
    await this.#index();
    const jobs: Claimed[] = [];
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const rows = await this.#look(most - jobs.length, looks).catch((error: unknown) => {
        // What has been claimed is to be done all the same.
        if (jobs.length === 0) throw error;
        return [];
      });
      const claimed = rows.filter(({ id }) => id !== null);
      jobs.push(...claimed.map(toClaimed));
      const said = rows[rows.length - 1];
      if (!said) break;
      this.#isGrouped = said.isGrouped === true;
      this.#after = toGroup(claimed.length > 0 ? said.group : (said.last ?? this.#after));
      if (said.isMore !== true) break;
    }
    return jobs;
  }

  async #look(most: number, looks: number): Promise<readonly Row[]> {
    const claim = { queue: this.#queue, most, after: this.#after, limits: this.#limits, looks };
    return (await this.#database.executeSql(claimFairly(this.#schema, claim))).rows;
  }

  /** Whether it's worth while to wait for those who claim. */
  async #isOpen(): Promise<boolean> {
    const sql = lookForRoom(this.#schema, this.#queue, this.#limits);
    const { rows } = await this.#database.executeSql(sql);
    return rows[0]?.is === true;
  }

  async #index(): Promise<void> {
    if (asyncScheduler.now() < this.#indexAt) return;
    this.#indexAt = Infinity;
    await indexOthers(this.#database, this.#schema).catch((error: unknown) => {
      debug('groups go without indexes: %O', error);
      this.#indexAt = asyncScheduler.now() + INDEX_EVERY;
    });
  }
}

const toGroup = (group: unknown) => (typeof group === 'string' ? group : '');

const toClaimed = ({ id, retryCount, wasLost, size, data }: Row): Claimed =>
  // A copy of each would take longer than to parse it. It may be no object, and of a pool of somebody's, frozen.
  Object.assign((Object.isExtensible(data) ? data : { ...(data as object) }) as StoredJob, {
    id: String(id),
    retryCount: Number(retryCount),
    wasLost: wasLost === true,
    size: Number(size),
  });
