import type { Database } from '../database.js';
import { deadOf } from './dead-of.js';
import type { Boss } from '../pg-boss.js';
import { keepForLong } from './tables.js';

/** How long a machine may say nothing before it's taken for lost, in seconds. The least that there is. */
export const HEARTBEAT = 10;

/** Queues, as the broker needs them: those whose jobs are done, and those that take what has failed. */
export class Queues {
  readonly #boss: Boss;
  readonly #database: Database;
  readonly #schema: string;
  readonly #known = new Set<string>();

  constructor(boss: Boss, database: Database, schema: string) {
    this.#boss = boss;
    this.#database = database;
    this.#schema = schema;
  }

  async open(queue: string): Promise<void> {
    await this.prepare(deadOf(queue));
    await this.prepare(queue, deadOf(queue));
  }

  /** Has a queue be there. One job waits or runs for each key; each has one, so that all the others differ. */
  async prepare(name: string, deadLetter?: string): Promise<void> {
    if (this.#known.has(name)) return;
    const settings = { policy: 'exclusive', notify: true, heartbeatSeconds: HEARTBEAT };
    await this.#boss.createQueue(name, { ...settings, ...(deadLetter && { deadLetter }) });
    await keepForLong(this.#database, this.#schema, name, deadLetter);
    this.#known.add(name);
  }
}
