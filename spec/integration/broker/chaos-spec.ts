import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.js';
import { Chaos } from './chaos/chaos.js';
import { Crew } from './chaos/crew.js';
import { keepHistory, readHistory } from './chaos/history.js';
import { type Story, violationsOf } from './chaos/model.js';
import { Random } from './chaos/random.js';
import { Submitter } from './chaos/submitter.js';
import { connect, until } from './fleet.js';

// RXVISOR_CHAOS_JOBS=100000 for a long night, RXVISOR_CHAOS_SEED for what happened before.
const { RXVISOR_CHAOS_JOBS, RXVISOR_CHAOS_SEED } = process.env;
const HALF = Math.ceil(Number(RXVISOR_CHAOS_JOBS ?? 1_000) / 2);
const JOBS = 2 * HALF;
const SEED = Number(RXVISOR_CHAOS_SEED ?? randomInt(2 ** 31));
const WORKERS = 3;
const QUEUE = 'chaos';

/** One job is submitted in so many ms: for as long, things happen. */
const PACE = 12;
/** How long what is left then may take, in ms: what a machine had is another's 12 s after it was killed. */
const AFTERWARDS = 60_000;

jest.setTimeout(JOBS * PACE * 2 + AFTERWARDS * 2);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const folder = mkdtempSync(join(tmpdir(), 'rxvisor-chaos-'));
const backends: BrokerTaskBackend[] = [];
let postgres: OwnPostgres;
let crew: Crew;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  crew = new Crew({ connectionString: postgres.url, queue: QUEUE, log: join(folder, 'log') });
});

afterAll(async () => {
  crew.end();
  await Promise.all(backends.map((backend) => backend.shutdown()));
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

async function openSubmitters(random: Random): Promise<Submitter[]> {
  let submissions = 0;
  const connectionString = postgres.url;
  for (let n = 0; n < 2; n++)
    backends.push(new BrokerTaskBackend({ connectionString, queue: QUEUE }));
  await Promise.all(backends.map((backend) => backend.initialize()));
  return backends.map((backend) => new Submitter(backend, random.fork(), () => submissions++));
}

/** Whether all is done, and those who have submitted it know. */
async function isSettled(): Promise<boolean> {
  if (backends.some(({ inflight }) => inflight > 0)) return false;
  const client = await connect(postgres.url);
  const living = `SELECT FROM rxvisor.job WHERE name = $1 AND state < 'completed' LIMIT 1`;
  const { rows } = await client.query(living, [QUEUE]);
  await client.end();
  return rows.length === 0;
}

/** Has jobs submitted and done while all kinds of things happen, and tells what came about. */
async function tell(random: Random): Promise<Story & { refusals: readonly unknown[] }> {
  const submitters = await openSubmitters(random);
  const client = await connect(postgres.url);
  await keepHistory(client);
  await client.end();
  await Promise.all(Array.from({ length: WORKERS }, () => crew.hire()));

  const chaos = new Chaos(postgres, crew, random.fork());
  const half = { count: HALF, pace: PACE * 2, keyed: 10 };
  await Promise.all([chaos.rage(JOBS * PACE), ...submitters.map((each) => each.submit(half))]);
  // What is wrong with those that are left is told below.
  await until(isSettled, AFTERWARDS).catch(() => undefined);
  await crew.retireAll();

  const reader = await connect(postgres.url);
  const changes = await readHistory(reader, QUEUE);
  await reader.end();
  return {
    accepted: submitters.flatMap(({ accepted }) => accepted),
    refusals: submitters.flatMap(({ refusals }) => refusals),
    lines: crew.read(),
    outages: chaos.outages,
    changes,
  };
}

describe(`a fleet of ${WORKERS} processes, with RXVISOR_CHAOS_SEED=${SEED}`, () => {
  it(`does each of ${JOBS} jobs once, whatever happens to its processes, their connections and the database`, async () => {
    const story = await tell(new Random(SEED));

    expect(violationsOf(story)).toEqual([]);
    expect(story.accepted).toHaveLength(JOBS);
    expect(backends.map(({ inflight }) => inflight)).toEqual([0, 0]);
    expect(crew.failures).toEqual([]);
    for (const error of story.refusals) {
      expect(error).toMatchObject({ code: 'ERR_RXVISOR_BACKEND_DOWN' });
    }

    // And all of it has happened.
    const { size } = new Set(story.accepted);
    const count = (isSo: (line: Story['lines'][number]) => boolean) =>
      story.lines.filter(isSo).length;
    expect(size).toBeLessThan(JOBS);
    expect(story.outages.length).toBeGreaterThan(0);
    expect(count(({ type }) => type === 'killed')).toBeGreaterThan(0);
    expect(count(({ type }) => type === 'begin')).toBeGreaterThan(
      count(({ type }) => type === 'end'),
    );
  });
});
