import { createHash, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BrokerTaskBackend, type BrokerTaskBackendOptions } from 'rxvisor/broker';
import { until, useFleet } from './fleet.js';
import { Census, Stage } from './stage.js';

jest.setTimeout(90_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const fleet = useFleet();

/** What pg-boss says that there's work on. */
const WAKE = `pgboss_${createHash('sha224').update('rxvisor').digest('hex').slice(0, 24)}`;

/** One that submits, and some that do. */
async function fleetOf(count: number, options: Partial<BrokerTaskBackendOptions>) {
  const queue = `q-${randomUUID()}`;
  const near = await fleet.open({ queue });
  const open = () => fleet.open({ queue, ...options });
  const doers = await Promise.all(Array.from({ length: count }, open));
  return { near, doers, queue, open };
}

/** Counts what the database takes for running, which takes a moment. */
async function active(queue: string): Promise<number> {
  const [row] = await fleet.query(
    `SELECT count(*)::int AS count FROM rxvisor.job WHERE name = $1 AND state = 'active'`,
    [queue],
  );
  return Number(row?.count);
}

describe('fleetConcurrency', () => {
  it('should have no more jobs run at a time in all backends together, and all of them done', async () => {
    const { near, doers, queue } = await fleetOf(3, { fleetConcurrency: 4 });
    const census = new Census();
    const counts: number[] = [];
    let counting = Promise.resolve();
    const work = () =>
      (counting = counting.then(async () => {
        counts.push(await active(queue));
      }));
    const all = Array.from({ length: 120 }, (_, n) => n);
    await Promise.all(all.map((n) => near.submit({ type: 'mail', n })));
    for (const doer of doers) census.take(doer, work);
    await until(() => near.inflight === 0);

    expect(census.done.map(Number).sort((a, b) => a - b)).toEqual(all);
    expect(census.most.all).toBe(4);
    expect(Math.max(...counts)).toBe(4);
  });

  it('should have all jobs done one at a time, in the order in which they came', async () => {
    const { near, doers } = await fleetOf(3, { fleetConcurrency: 1 });
    const census = new Census();
    for (let n = 0; n < 20; n++) await near.submit({ type: 'mail', n });
    for (const doer of doers) census.take(doer, () => Promise.resolve());
    await until(() => near.inflight === 0);

    expect(census.most.all).toBe(1);
    expect(census.done).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('should leave room for others while a job that has failed waits to be done again', async () => {
    const { near, doers } = await fleetOf(2, { fleetConcurrency: 1 });
    const course: unknown[] = [];
    let running = 0;
    for (const doer of doers) {
      doer.setExecutor(async ({ n }, { attempt }) => {
        course.push([n, attempt, ++running]);
        await fleet.query('SELECT');
        running--;
        if (n === 0 && attempt < 3) throw new Error('not yet');
      });
    }
    const failing = { maxRestarts: 5, backoff: () => 1_000 };
    await near.submit({ type: 'mail', n: 0 }, failing);
    await until(() => course.length === 1);
    await near.submit({ type: 'mail', n: 1 });
    await until(() => near.inflight === 0);

    expect(course).toEqual([
      [0, 1, 1],
      [1, 1, 1],
      [0, 2, 1],
      [0, 3, 1],
    ]);
  });

  it('should not count a job whose time has not come', async () => {
    const { near, doers } = await fleetOf(2, { fleetConcurrency: 1 });
    const census = new Census();
    await near.submit({ type: 'mail', n: 'late' }, { delay: 1_000 });
    for (let n = 0; n < 5; n++) await near.submit({ type: 'mail', n });
    for (const doer of doers) census.take(doer, () => Promise.resolve());
    await until(() => near.inflight === 0);

    expect(census.done).toEqual([0, 1, 2, 3, 4, 'late']);
    expect(census.most.all).toBe(1);
  });

  it('should have room at once when a job that runs is cancelled', async () => {
    const { near, doers } = await fleetOf(2, { fleetConcurrency: 1 });
    const client = await fleet.client();
    const told: string[] = [];
    const stage = new Stage();
    for (const doer of doers) stage.take(doer);
    const first = await near.submit({ type: 'mail', n: 1 });
    await stage.hasBegun(1);
    for (const n of [2, 3]) await near.submit({ type: 'mail', n });
    client.on('notification', ({ payload }) => told.push(payload));
    await client.query(`LISTEN "${WAKE}"`);
    const before = [...stage.begun];
    await near.cancel(first);
    await stage.hasBegun(2);
    await until(() => told.length > 0);

    expect(before).toEqual([{ type: 'mail', n: 1 }]);
    expect(stage.begun[1]).toEqual({ type: 'mail', n: 2 });
    stage.end();
    await stage.hasBegun(3);
    stage.end();
    await until(() => near.inflight === 0);
  });

  it('should have others do what a backend gives back when it shuts down', async () => {
    const { near, doers, open } = await fleetOf(1, { fleetConcurrency: 2, shutdownTimeout: 0 });
    const [leaving] = doers;
    const stage = new Stage();
    const next = new Stage();
    if (leaving) stage.take(leaving);
    const all = [1, 2, 3, 4].map((n) => ({ type: 'mail', n }));
    for (const job of all) await near.submit(job);
    await stage.hasBegun(2);
    next.take(await open());
    const drained = await leaving?.shutdown();
    await next.hasBegun(2);
    const running = next.running;
    for (let n = 0; n < 4; n++) {
      await next.hasBegun(n + 1);
      next.end();
    }
    await until(() => near.inflight === 0);

    expect(stage.begun).toEqual(all.slice(0, 2));
    expect(drained?.unfinished).toEqual(all.slice(0, 2));
    expect(running).toEqual(all.slice(0, 2));
    expect(next.begun).toEqual(all);
  });

  it('should count the jobs of a machine that has died, until they are given up', async () => {
    const { near, doers, queue } = await fleetOf(2, { fleetConcurrency: 1 });
    const lost = await near.submit({ type: 'mail', n: 'lost' });
    await fleet.query(
      `UPDATE rxvisor.job SET state = 'active', started_on = now(), heartbeat_on = now() - interval '7 s' WHERE id = $1`,
      [lost],
    );
    await near.submit({ type: 'mail', n: 'next' });
    const census = new Census();
    for (const doer of doers) census.take(doer, () => Promise.resolve());
    await until(async () => (await active(queue)) === 0);
    const before = [...census.done];
    await until(() => near.inflight === 0);

    expect(before).toEqual([]);
    expect(census.done).toEqual(['lost', 'next']);
  });

  it('should hold on the embedded database, too', async () => {
    const dataDir = 'memory://';
    const options = { dataDir, concurrency: 8, fleetConcurrency: 3, groupConcurrency: 2 };
    const backend = new BrokerTaskBackend(options);
    embedded.push(backend);
    await backend.initialize();
    const census = new Census();
    for (let n = 0; n < 30; n++) {
      const group = ['a', 'b', undefined][n % 3];
      const job = { type: 'mail', n, ...(group !== undefined && { group }) };
      await backend.submit(job, group === undefined ? {} : { group });
    }
    census.take(backend, () => new Promise((resolve) => setImmediate(resolve)));
    await until(() => backend.inflight === 0);

    expect(census.done).toHaveLength(30);
    expect(census.most.all).toBe(3);
    expect(census.most.a).toBeLessThanOrEqual(2);
    expect(census.most.b).toBeLessThanOrEqual(2);
  });

  it.each([
    ['fleetConcurrency', 0],
    ['fleetConcurrency', 1.5],
    ['groupConcurrency', '3'],
    ['groupConcurrency', -1],
  ])('should refuse %s: %j', (option, value) => {
    expect(() => new BrokerTaskBackend({ [option]: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_RXVISOR_INVALID_OPTION',
        message: expect.stringMatching(
          new RegExp(`${option}.*whole number, 1 or more, or Infinity`),
        ),
      }),
    );
  });
});

const embedded: BrokerTaskBackend[] = [];

afterEach(async () => {
  await Promise.all(embedded.splice(0).map((backend) => backend.shutdown()));
});
