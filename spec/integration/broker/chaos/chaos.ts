import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnPostgres } from '../../../support/postgres.js';
import { connect } from '../fleet.js';
import { now } from './clock.js';
import type { Crew } from './crew.js';
import type { Outage } from './model.js';
import type { Random } from './random.js';

type Deed = 'kill' | 'retire' | 'lose all' | 'lose some';

/** What is done before any of it is done again. */
const DEEDS: readonly Deed[] = ['kill', 'kill', 'retire', 'lose all', 'lose some', 'lose some'];
/** How often the database is restarted, in ms. */
const RESTART_EVERY = 12_000;

/** What happens to a fleet, in an order that a seed says. */
export class Chaos {
  readonly outages: Outage[] = [];
  readonly #postgres: OwnPostgres;
  readonly #crew: Crew;
  readonly #random: Random;
  readonly #replacements: Promise<void>[] = [];
  #deeds: Deed[] = [];

  constructor(postgres: OwnPostgres, crew: Crew, random: Random) {
    this.#postgres = postgres;
    this.#crew = crew;
    this.#random = random;
  }

  /** For some ms. Resolves when all who were lost have been replaced. */
  async rage(time: number): Promise<void> {
    const end = now() + time;
    let restartAt = now() + this.#random.between(0.2 * RESTART_EVERY, 0.6 * RESTART_EVERY);
    while (now() < end) {
      await sleep(this.#random.between(200, 1_000));
      if (now() > restartAt) {
        restartAt += RESTART_EVERY;
        await this.#restart();
      } else {
        await this.#do(this.#next());
      }
    }
    await Promise.all(this.#replacements);
  }

  #next(): Deed {
    if (this.#deeds.length === 0) this.#deeds = this.#random.shuffled(DEEDS);
    return this.#deeds.pop()!;
  }

  async #do(deed: Deed): Promise<void> {
    if (deed === 'lose all') return this.#terminate(1);
    if (deed === 'lose some') return this.#terminate(0.4);
    const { members } = this.#crew;
    if (members.length === 0) return;
    const gone = this.#crew[deed](this.#random.oneOf(members));
    this.#replacements.push(gone.then(() => this.#crew.hire()));
  }

  async #restart(): Promise<void> {
    const from = now();
    const how = this.#random.oneOf(['immediate', 'fast'] as const);
    await this.#postgres.restart({ how, for: this.#random.between(1_000, 2_000) });
    this.outages.push({ from, to: now() });
  }

  /** Ends connections of the fleet: about this share of them. */
  async #terminate(share: number): Promise<void> {
    const client = await connect(this.#postgres.url);
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'rxvisor' AND random() <= $1`,
      [share],
    );
    await client.end();
  }
}
