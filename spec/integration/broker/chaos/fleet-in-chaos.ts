import { join } from 'node:path';
import { BrokerTaskBackend } from 'rxvisor/broker';
import type { OwnPostgres } from '../../../support/postgres.js';
import { connect, until } from '../fleet.js';
import { Chaos } from './chaos.js';
import { Crew } from './crew.js';
import { readHistory } from './history.js';
import type { Limits, Story } from './model.js';
import type { Random } from './random.js';
import { Submitter } from './submitter.js';

interface Settings {
  readonly postgres: OwnPostgres;
  /** Where its processes write down what they do. */
  readonly folder: string;
  readonly queue: string;
  /** An even number. */
  readonly jobs: number;
  readonly workers: number;
  readonly limits: Limits;
  readonly random: Random;
}

/** What came about, and what was said of it. */
export interface Told extends Story {
  /** With what submitters were refused. */
  readonly refusals: readonly unknown[];
  /** How many jobs were not settled in the end, as submitters know it. */
  readonly inflight: readonly number[];
  /** What was wrong with processes. */
  readonly failures: readonly string[];
}

/** One job is submitted in so many ms: for as long, things happen. */
export const PACE = 10;
/** How long what is left then may take, in ms: what a machine had is another's 12 s after it was killed. */
export const AFTERWARDS = 60_000;

/** Two who submit jobs, and some processes that do them, while all kinds of things happen. */
export class FleetInChaos {
  readonly #settings: Settings;
  readonly #crew: Crew;
  readonly #backends: readonly BrokerTaskBackend[];

  constructor(settings: Settings) {
    this.#settings = settings;
    const { folder, queue, limits, postgres } = settings;
    const options = { connectionString: postgres.url, queue, ...limits };
    this.#crew = new Crew(options, join(folder, `${queue}.log`));
    this.#backends = [new BrokerTaskBackend(options), new BrokerTaskBackend(options)];
  }

  async tell(): Promise<Told> {
    const { postgres, queue, jobs, workers, limits, random } = this.#settings;
    const submitters = await this.#openSubmitters();
    await Promise.all(Array.from({ length: workers }, () => this.#crew.hire()));
    const chaos = new Chaos(postgres, this.#crew, random.fork());
    const half = { count: jobs / 2, pace: PACE * 2, keyed: 10 };
    await Promise.all([chaos.rage(jobs * PACE), ...submitters.map((each) => each.submit(half))]);
    // What is wrong with those that are left is told by the model.
    await until(() => this.#isSettled(), AFTERWARDS).catch(() => undefined);
    await this.#crew.retireAll();
    const reader = await connect(postgres.url);
    const changes = await readHistory(reader, queue);
    await reader.end();
    return {
      accepted: submitters.flatMap(({ accepted }) => accepted),
      refusals: submitters.flatMap(({ refusals }) => refusals),
      inflight: this.#backends.map(({ inflight }) => inflight),
      failures: this.#crew.failures,
      lines: this.#crew.read(),
      outages: chaos.outages,
      ...{ changes, limits },
    };
  }

  /** Nobody is left, whatever has come about. */
  async end(): Promise<void> {
    this.#crew.end();
    await Promise.all(this.#backends.map((backend) => backend.shutdown()));
  }

  async #openSubmitters(): Promise<Submitter[]> {
    const { random } = this.#settings;
    let submissions = 0;
    await Promise.all(this.#backends.map((backend) => backend.initialize()));
    return this.#backends.map(
      (backend) => new Submitter(backend, random.fork(), () => submissions++),
    );
  }

  /** Whether all is done, and those who have submitted it know. */
  async #isSettled(): Promise<boolean> {
    if (this.#backends.some(({ inflight }) => inflight > 0)) return false;
    const { postgres, queue } = this.#settings;
    const client = await connect(postgres.url);
    const living = `SELECT FROM rxvisor.job WHERE name = $1 AND state < 'completed' LIMIT 1`;
    const { rows } = await client.query(living, [queue]);
    await client.end();
    return rows.length === 0;
  }
}
