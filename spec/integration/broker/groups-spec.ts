import { describe, expect, it, jest } from '@jest/globals';
import {
  AsyncTaskBackend,
  InvalidOptionError,
  type Job,
  SyncTaskBackend,
  type SubmitOptions,
  type TaskBackend,
} from 'rxvisor';
import type { BrokerTaskBackend } from 'rxvisor/broker';
import { until, useFleet } from './fleet.js';
import { Census, Stage } from './stage.js';

jest.setTimeout(90_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const fleet = useFleet();

const jobOf = (group: string | undefined, n: number): Job => ({ type: 'mail', group, n });

/** As many jobs as that, of a group. */
async function submit(
  backend: BrokerTaskBackend,
  group: string | undefined,
  count: number,
  options: SubmitOptions = {},
): Promise<void> {
  const given = { ...options, ...(group !== undefined && { group }) };
  const jobs = Array.from({ length: count }, (_, n) => jobOf(group, n));
  await Promise.all(jobs.map((job) => backend.submit(job, given)));
}

const groupsOf = (jobs: readonly Job[]) => jobs.map(({ group }) => group);

describe('group', () => {
  it('should have a group that has one job wait for no other one that has a thousand', async () => {
    const { near, queue } = await fleet.pair();
    await submit(near, 'many', 1_000);
    await submit(near, 'one', 1);
    const stage = new Stage();
    const far = await fleet.open({ queue, concurrency: 1, shutdownTimeout: 0 });
    stage.take(far);
    await stage.hasBegun(1);
    stage.end();
    await stage.hasBegun(2);
    stage.end();
    await stage.hasBegun(3);

    expect(groupsOf(stage.begun)).toEqual(['many', 'one', 'many']);
  });

  it('should begin those of a group first that has fewer running', async () => {
    const { near, queue } = await fleet.pair();
    await submit(near, 'a', 8);
    const stage = new Stage();
    stage.take(await fleet.open({ queue, concurrency: 4, shutdownTimeout: 0 }));
    await stage.hasBegun(4);
    await submit(near, 'b', 4);
    stage.end('a');
    await stage.hasBegun(5);
    stage.end('a');
    await stage.hasBegun(6);

    expect(groupsOf(stage.begun)).toEqual(['a', 'a', 'a', 'a', 'b', 'b']);
  });

  it('should know what other backends run', async () => {
    const { near, queue } = await fleet.pair();
    await submit(near, 'a', 3);
    const [stage, other] = [new Stage(), new Stage()];
    stage.take(await fleet.open({ queue, concurrency: 2, shutdownTimeout: 0 }));
    await stage.hasBegun(2);
    await submit(near, 'b', 3);
    other.take(await fleet.open({ queue, concurrency: 2, shutdownTimeout: 0 }));
    await other.hasBegun(2);

    expect(groupsOf(stage.begun)).toEqual(['a', 'a']);
    expect(groupsOf(other.begun)).toEqual(['b', 'b']);
  });

  it('should have those without a group take turns as one more', async () => {
    const { near, queue } = await fleet.pair();
    await submit(near, undefined, 50);
    await submit(near, 'a', 50);
    await submit(near, 'b', 1);
    const stage = new Stage();
    stage.take(await fleet.open({ queue, concurrency: 5, shutdownTimeout: 0 }));
    await stage.hasBegun(5);

    expect(groupsOf(stage.begun).sort()).toEqual(['a', 'a', 'b', undefined, undefined]);
  });

  it('should go by priority first, and by age within a group', async () => {
    const { near, queue } = await fleet.pair();
    await submit(near, 'a', 2);
    await submit(near, 'b', 2);
    await submit(near, 'a', 3, { priority: 1 });
    await submit(near, undefined, 1, { priority: 1 });
    const far = await fleet.open({ queue, concurrency: 1 });
    const seen: Job[] = [];
    far.setExecutor((job) => void seen.push(job));
    await until(() => near.inflight === 0);

    const [first, second] = [seen.slice(0, 4), seen.slice(4)];
    expect(groupsOf(first).sort()).toEqual(['a', 'a', 'a', undefined]);
    expect(groupsOf(second).sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(first.filter(({ group }) => group === 'a').map(({ n }) => n)).toEqual([0, 1, 2]);
  });

  it('should not take a job for waiting whose time has not come', async () => {
    const { near, queue } = await fleet.pair();
    const late = { delay: 3_600_000, priority: 9 };
    for (const group of ['late', 'a', undefined]) await submit(near, group, 200, late);
    await submit(near, 'a', 3);
    await submit(near, undefined, 3);
    const far = await fleet.open({ queue, concurrency: 2 });
    const seen: Job[] = [];
    far.setExecutor((job) => void seen.push(job));
    await until(() => seen.length === 6);

    expect(groupsOf(seen).sort()).toEqual(['a', 'a', 'a', undefined, undefined, undefined]);
  });

  it('should have each of more groups than are looked at in a moment take its turn', async () => {
    const { near, queue } = await fleet.pair();
    const groups = Array.from({ length: 130 }, (_, n) => `tenant-${String(n).padStart(3, '0')}`);
    for (const group of groups) await submit(near, group, 3);
    const stage = new Stage();
    const doer = { queue, concurrency: 1, fleetConcurrency: 1, shutdownTimeout: 0 };
    stage.take(await fleet.open(doer));
    for (let n = 1; n <= groups.length; n++) {
      await stage.hasBegun(n);
      stage.end();
    }

    expect(groupsOf(stage.begun).slice(0, groups.length)).toEqual(groups);
  });

  it('should go by priority first among more groups than that, too', async () => {
    const { near, queue } = await fleet.pair();
    for (let n = 0; n < 110; n++) await submit(near, `a${n}`, 1);
    await submit(near, 'z', 1, { priority: 1 });
    const stage = new Stage();
    stage.take(await fleet.open({ queue, concurrency: 1, shutdownTimeout: 0 }));
    await stage.hasBegun(1);

    expect(groupsOf(stage.begun)).toEqual(['z']);
  });

  it('should have all of them done, whatever they are called', async () => {
    // One at a time, so that each of them is the last that has had its turn.
    const { near, far } = await fleet.pair({ fleetConcurrency: 1 });
    const groups = ["O'Hara", '\\', '$1', 'äöü 🙂', '%s', 'ß'.repeat(200), '--', '"'];
    for (const group of groups) await submit(near, group, 2);
    const seen: Job[] = [];
    far.setExecutor((job) => void seen.push(job));
    await until(() => near.inflight === 0);

    expect(groupsOf(seen).sort()).toEqual([...groups, ...groups].sort());
  });

  it('should have them done while a transaction is open that nobody ends', async () => {
    const schema = 'busy';
    const { near, far } = await fleet.pair({ schema });
    const client = await fleet.client();
    await client.query('BEGIN');
    await near.submit({ type: 'mail' }, { client, group: 'a' });
    const seen: Job[] = [];
    far.setExecutor((job) => void seen.push(job));
    await submit(near, 'a', 5);
    await submit(near, undefined, 5);
    await until(() => near.inflight === 0);
    const before = seen.length;
    await client.query('COMMIT');
    await until(() => seen.length > before);

    expect(before).toBe(10);
    expect(seen).toHaveLength(11);
  });

  it('should have one job of a key, whatever its group', async () => {
    const { near, far } = await fleet.pair();
    const job = { type: 'mail' };
    const first = await near.submit(job, { key: 'k', group: 'a' });
    const second = await near.submit(job, { key: 'k', group: 'b' });
    const third = await near.submit(job, { key: 'l', group: 'a' });
    const seen: Job[] = [];
    far.setExecutor((each) => void seen.push(each));
    await until(() => near.inflight === 0);

    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(seen).toHaveLength(2);
  });

  it('should be kept by a job that is done again, and by one that is redriven', async () => {
    const { near, far } = await fleet.pair({ groupConcurrency: 1 });
    const attempts: number[] = [];
    far.setExecutor((_, { attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 3) throw new Error('not yet');
    });
    const options = { group: 'a', maxRestarts: 1, backoff: () => 0 };
    await near.submit({ type: 'mail' }, options);
    await until(() => near.inflight === 0);
    const [letter] = await near.deadLetters();
    const id = await near.redrive(letter?.id ?? '');
    await until(async () => (await fleet.stateOf(id)) === 'completed');

    const [row] = await fleet.query('SELECT group_id FROM rxvisor.job WHERE id = $1', [id]);
    expect(attempts).toEqual([1, 2, 1]);
    expect(row).toEqual({ group_id: 'a' });
  });

  it('should lose none, and do none twice, of jobs that several backends begin at once', async () => {
    const { near, queue } = await fleet.pair();
    const groups = ['a', 'b', 'c', undefined];
    await Promise.all(groups.map((group) => submit(near, group, 500)));
    const seen: Job[] = [];
    const doers = await Promise.all([1, 2, 3].map(() => fleet.open({ queue, concurrency: 20 })));
    for (const doer of doers) doer.setExecutor((job) => void seen.push(job));
    await until(() => near.inflight === 0);

    expect(seen).toHaveLength(2_000);
    expect(new Set(seen.map(({ group, n }) => `${String(group)} ${String(n)}`)).size).toBe(2_000);
  });

  it.each([
    ['an inline backend', () => new SyncTaskBackend()],
    ['a backend in the process', () => new AsyncTaskBackend()],
  ])('should be taken by %s, too, and checked', async (_, make) => {
    const backend = make();
    backend.setExecutor(() => undefined);
    await backend.initialize();
    await backend.submit({ type: 'mail' }, { group: 'a' });
    await expectRefusals(backend);
    await backend.shutdown();
  });

  it('should be refused if it can’t be kept', async () => {
    const { near } = await fleet.pair();
    await expectRefusals(near);
  });
});

async function expectRefusals(backend: TaskBackend): Promise<void> {
  for (const group of ['', 7, 'x'.repeat(201), 'a\0', '\uD83D', null]) {
    const options = { group } as SubmitOptions;
    const error: unknown = await backend.submit({ type: 'mail' }, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ message: expect.stringMatching(/group.*1 to 200 characters/s) });
  }
}

describe('groupConcurrency', () => {
  it('should have each group do one job at a time, and the groups at the same time', async () => {
    const { near, queue } = await fleet.pair();
    const groups = ['a', 'b', 'c'];
    for (const group of groups) await submit(near, group, 10);
    const stage = new Stage();
    const options = { queue, groupConcurrency: 1 };
    const doers = await Promise.all([1, 2, 3].map(() => fleet.open(options)));
    for (const doer of doers) stage.take(doer);
    await stage.hasBegun(3);
    const first = groupsOf(stage.begun).sort();
    let most = 0;
    while (near.inflight > 0) {
      await until(() => stage.running.length > 0 || near.inflight === 0);
      const running = groupsOf(stage.running);
      most = Math.max(most, running.length);
      expect(new Set(running).size).toBe(running.length);
      if (running.length > 0) stage.end();
    }

    expect(first).toEqual(groups);
    expect(most).toBe(3);
    expect(stage.begun).toHaveLength(30);
    for (const group of groups) {
      const its = stage.begun.filter((job) => job.group === group);
      expect(its.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it('should not hold for jobs without a group', async () => {
    const { near, queue } = await fleet.pair();
    await submit(near, 'a', 3);
    await submit(near, undefined, 3);
    const stage = new Stage();
    const doer = { queue, groupConcurrency: 1, shutdownTimeout: 0 };
    stage.take(await fleet.open(doer));
    await stage.hasBegun(4);

    expect(groupsOf(stage.begun).sort()).toEqual(['a', undefined, undefined, undefined]);
  });

  it('should be no way around fleetConcurrency', async () => {
    const { near, queue } = await fleet.pair();
    for (const group of ['a', 'b', 'c', 'd', undefined]) await submit(near, group, 12);
    const census = new Census();
    const options = { queue, fleetConcurrency: 5, groupConcurrency: 2 };
    const doers = await Promise.all([1, 2, 3].map(() => fleet.open(options)));
    const work = () => new Promise((resolve) => setImmediate(resolve));
    for (const doer of doers) census.take(doer, work);
    await until(() => near.inflight === 0);

    expect(census.done).toHaveLength(60);
    expect(census.most.all).toBeLessThanOrEqual(5);
    for (const group of ['a', 'b', 'c', 'd']) expect(census.most[group]).toBeLessThanOrEqual(2);
  });

  it('should let no groups that are full hide those that are not', async () => {
    const { near, queue } = await fleet.pair();
    const full = Array.from({ length: 110 }, (_, n) => `a${n}`);
    const [stage, other] = [new Stage(), new Stage()];
    const doer = { queue, groupConcurrency: 1, concurrency: 110, shutdownTimeout: 0 };
    for (const group of full) await submit(near, group, 2);
    stage.take(await fleet.open(doer));
    await stage.hasBegun(110);
    await submit(near, 'z', 2);
    other.take(await fleet.open(doer));
    await other.hasBegun(1);

    expect(groupsOf(stage.begun).sort()).toEqual(full.sort());
    expect(groupsOf(other.begun)).toEqual(['z']);
  });
});
