import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { claimFairly } from '../../../src/broker/claims/claim-fairly.js';
import { claimIn } from '../../../src/broker/claims/claim-in.js';
import { Claimer } from '../../../src/broker/claims/claimer.js';
import { indexOthers } from '../../../src/broker/claims/group-indexes.js';
import type { Database } from '../../../src/broker/database.js';
import { PoolDatabase } from '../../../src/broker/pool/pool-database.js';
import { useFleet } from './fleet.js';

jest.setTimeout(90_000);

const fleet = useFleet();

const COUNT = 100_000;
const MOST = 10;
/** Whatever it does, it doesn't look at all jobs. */
const FEW = COUNT / 50;

/** Tables of its own for each spec, so that the planner knows no more of them. */
let schema: string;
let schemas = 0;
let queues = 0;

beforeEach(() => {
  schema = `plans_${++schemas}_${process.pid}`;
});

/** One node of how a statement is executed. */
interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

/** How many rows a node has looked at. */
const rowsOf = (node: Plan) =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];

/** How the last of some statements is executed, which is undone. */
async function planOf(texts: string): Promise<Plan[]> {
  const from = texts.search(/WITH RECURSIVE|UPDATE/);
  await fleet.query('BEGIN');
  await fleet.query(texts.slice(0, from));
  const text = `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${texts.slice(from)}`;
  const [row] = await fleet.query(text);
  await fleet.query('ROLLBACK');
  const [{ Plan: plan }] = row?.['QUERY PLAN'] as [{ Plan: Plan }];
  return nodes(plan);
}

/** How jobs are claimed in turns. */
function fairly(queue: string, limit = Infinity): Promise<Plan[]> {
  const limits = { fleetConcurrency: limit, groupConcurrency: limit };
  const claim = { queue, most: MOST, after: '', limits, looks: 0 };
  return planOf(claimFairly(schema, claim));
}

/** A queue with many jobs that wait, of which the planner knows nothing. */
async function fill(group: string, count = COUNT): Promise<string> {
  const queue = `q${++queues}`;
  await fleet.open({ queue, schema });
  await fleet.query(`
    INSERT INTO ${schema}.job_common (name, data, policy, singleton_key, group_id, created_on)
    SELECT '${queue}', '{}', 'exclusive', gen_random_uuid(), ${group}, now() - n * interval '1 ms'
    FROM generate_series(1, ${count}) AS n`);
  return queue;
}

const databases: Database[] = [];

afterAll(() => Promise.all(databases.map((database) => database.close())));

/** One who claims over connections of its own. */
async function claimerOf(queue: string): Promise<Claimer> {
  const database = await PoolDatabase.connect(fleet.url, 2);
  databases.push(database);
  const limits = { fleetConcurrency: Infinity, groupConcurrency: Infinity };
  return new Claimer({ database, schema, queue }, limits);
}

describe('a claim from many jobs', () => {
  it('should be one walk along an index, and no sort', async () => {
    const queue = await fill('NULL');
    const plan = await planOf(claimIn(schema, queue, MOST));

    const course = plan.map((node) => node['Index Name'] ?? node['Node Type']);
    expect(course.slice(0, 4)).toEqual(['ModifyTable', 'Limit', 'LockRows', 'job_common_i11']);
    expect(course).not.toContain('Sort');
    expect(Math.max(...plan.map(rowsOf))).toBeLessThan(FEW);
  });

  it.each([
    ['a few groups', "'g' || n % 20"],
    ['a group for each job', "'g' || n"],
    ['one group and few without', "CASE WHEN n > 5 THEN 'a' END"],
    ['no group and few with one', "CASE WHEN n <= 5 THEN 'a' END"],
  ])('should look at few jobs, and sort few, of %s', async (_, group) => {
    const queue = await fill(group);
    const database = { executeSql: (text: string) => fleet.query(text) } as unknown as Database;
    await indexOthers(database, schema);
    const plans = [await fairly(queue), await fairly(queue, 7)];
    await fleet.query(`ANALYZE ${schema}.job_common`);
    plans.push(await fairly(queue), await fairly(queue, 7));

    for (const plan of plans) {
      expect(Math.max(...plan.map(rowsOf))).toBeLessThan(FEW);
      expect(plan.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    }
  });

  it('should have as many as are asked for, of more groups than one look takes', async () => {
    const queue = await fill("'g' || n", 1_000);
    const claimer = await claimerOf(queue);
    const claimed = await claimer.claim(450);

    expect(new Set(claimed.map(({ id }) => id)).size).toBe(450);
  });

  it('should have as many as are asked for, though others claim the same', async () => {
    const queue = await fill("'a'", 1_000);
    const claimers = await Promise.all(Array.from({ length: 6 }, () => claimerOf(queue)));
    const ids = new Set<string>();
    for (let round = 0; round < 5; round++) {
      for (const claimed of await Promise.all(claimers.map((claimer) => claimer.claim(20)))) {
        expect(claimed).toHaveLength(20);
        for (const { id } of claimed) ids.add(id);
      }
    }

    expect(ids.size).toBe(5 * 6 * 20);
  });
});
