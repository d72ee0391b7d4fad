import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { type OwnPostgres, startOwnPostgres } from '../../support/postgres.js';
import { AFTERWARDS, FleetInChaos, PACE, type Told } from './chaos/fleet-in-chaos.js';
import { keepHistory } from './chaos/history.js';
import { type Limits, type Line, violationsOf } from './chaos/model.js';
import { Random } from './chaos/random.js';

// RXVISOR_CHAOS_JOBS=100000 for a long night, RXVISOR_CHAOS_SEED for what happened before.
const { RXVISOR_CHAOS_JOBS, RXVISOR_CHAOS_SEED } = process.env;
const JOBS = Math.ceil(Number(RXVISOR_CHAOS_JOBS ?? 1_000) / 20) * 20;
const SEED = Number(RXVISOR_CHAOS_SEED ?? randomInt(2 ** 31));
const WORKERS = 3;

jest.setTimeout(JOBS * PACE * 3 + AFTERWARDS * 2);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const folder = mkdtempSync(join(tmpdir(), 'rxvisor-chaos-'));
const random = new Random(SEED);
let postgres: OwnPostgres;
let fleet: FleetInChaos;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  const backend = new BrokerTaskBackend({ connectionString: postgres.url });
  await backend.initialize();
  await backend.shutdown();
  await keepHistory(postgres.url);
});

afterEach(() => fleet.end());

afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

async function tell(queue: string, jobs: number, limits: Limits = {}): Promise<Told> {
  const settings = { postgres, folder, queue, jobs, limits, workers: WORKERS };
  fleet = new FleetInChaos({ ...settings, random: random.fork() });
  return fleet.tell();
}

/** All is well with what has been submitted, and with those who did it. */
function expectAllWell(told: Told, jobs: number) {
  expect(violationsOf(told)).toEqual([]);
  expect(told.accepted).toHaveLength(jobs);
  expect(told.inflight).toEqual([0, 0]);
  expect(told.failures).toEqual([]);
  for (const error of told.refusals) {
    expect(error).toMatchObject({ code: 'ERR_RXVISOR_BACKEND_DOWN' });
  }
}

describe(`a fleet of ${WORKERS} processes, with RXVISOR_CHAOS_SEED=${SEED}`, () => {
  it(`does each of ${JOBS} jobs once, whatever happens to its processes, their connections and the database`, async () => {
    const told = await tell('free', JOBS);

    expectAllWell(told, JOBS);

    // And all of it has happened.
    const count = (type: Line['type']) => told.lines.filter((line) => line.type === type).length;
    expect(new Set(told.accepted).size).toBeLessThan(JOBS);
    expect(told.outages.length).toBeGreaterThan(0);
    expect(count('killed')).toBeGreaterThan(0);
    expect(count('begin')).toBeGreaterThan(count('end'));
  });

  it('does no more at a time than it may, nor of one group, whatever happens', async () => {
    const jobs = (JOBS / 20) * 6;
    const told = await tell('limited', jobs, { fleetConcurrency: 6, groupConcurrency: 2 });

    expectAllWell(told, jobs);
  });
});
