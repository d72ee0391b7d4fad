import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { StopRestarting } from 'rxvisor';
import { until, useFleet } from './fleet.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const WORKER = join(import.meta.dirname, '../../fixtures/broker/worker.mjs');

const fleet = useFleet();

describe('dead letters', () => {
  it('should be none where nothing has failed for good', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor((_, { attempt }) => {
      if (attempt === 1) throw new Error('boom');
    });
    await near.submit({ type: 'mail' }, { backoff: () => 0 });
    await until(() => near.inflight === 0);

    expect(await near.deadLetters()).toEqual([]);
  });

  it('should keep the job, its error and the number of its attempts, the oldest first', async () => {
    const { near, far, queue } = await fleet.pair();
    far.setExecutor(({ n }) => {
      throw Object.assign(new RangeError(`boom ${String(n)}`, { cause: 'why' }), {
        code: 'E_BOOM',
        big: 1n,
      });
    });
    const before = Date.now();
    const first = await near.submit({ type: 'mail', n: 1 }, { backoff: () => 0, maxRestarts: 1 });
    await until(async () => (await near.deadLetters()).length === 1);
    await near.submit({ type: 'mail', n: 2 });
    await until(async () => (await near.deadLetters()).length === 2);
    const letters = await near.deadLetters();

    expect(letters).toMatchObject([
      { job: { type: 'mail', n: 1 }, jobId: first, attempts: 2, queue: `${queue}.dead` },
      { job: { type: 'mail', n: 2 }, attempts: 1 },
    ]);
    const [{ error, submittedAt, failedAt } = { error: undefined }] = letters;
    expect(error).toMatchObject({
      name: 'RangeError',
      message: 'boom 1',
      cause: 'why',
      code: 'E_BOOM',
      big: 1n,
    });
    expect(error).toBeInstanceOf(RangeError);
    expect(submittedAt?.getTime()).toBeGreaterThan(before - 60_000);
    expect(failedAt?.getTime()).toBeGreaterThanOrEqual(submittedAt?.getTime() ?? NaN);
  });

  it('should keep what can’t be said in JSON', async () => {
    const { near, far } = await fleet.pair();
    const thrown: unknown[] = ['a\u0000\ud800b', undefined, null, NaN, 1n, new Error('\u0000'), -0];
    far.setExecutor(({ n }) => {
      throw thrown[Number(n)];
    });
    for (const n of thrown.keys()) {
      await near.submit({ type: 'mail', n });
      await until(async () => (await near.deadLetters()).length === n + 1);
    }
    const errors = (await near.deadLetters()).map(({ error }) => error);

    expect(errors).toEqual(thrown);
  });

  it('should fail a job of a type that nobody does, with an error that says so, at once', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor('fax', () => undefined);
    await near.submit({ type: 'mail' }, { restart: 'on-failure' });
    await until(async () => (await near.deadLetters()).length === 1);

    expect(await near.deadLetters()).toMatchObject([
      {
        attempts: 1,
        error: {
          name: 'TypeError',
          message: expect.stringContaining('nobody does jobs of type "mail"'),
        },
      },
    ]);
  });

  it('should be in the queue that the submission names, where another backend may do them', async () => {
    const { near, far, queue } = await fleet.pair();
    const seen: unknown[] = [];
    far.setExecutor(() => {
      throw new StopRestarting(new Error('bad address'));
    });
    await near.submit({ type: 'mail', n: 1 }, { deadLetter: `${queue}.mail`, backoff: () => 0 });
    await until(async () => (await near.deadLetters()).length === 1);
    expect(await near.deadLetters()).toMatchObject([
      { queue: `${queue}.mail`, attempts: 1, error: { message: 'bad address' } },
    ]);
    const undertaker = await fleet.open({ queue: `${queue}.mail` });
    undertaker.setExecutor((job) => void seen.push(job));
    await until(() => seen.length === 1);
    await until(async () => (await near.deadLetters()).length === 0);

    expect(seen).toEqual([{ type: 'mail', n: 1 }]);
  });

  it('should be done again when redriven, as they were submitted, and be none by then', async () => {
    const { near, far } = await fleet.pair();
    let isMended = false;
    const attempts: number[] = [];
    far.setExecutor((_, { attempt }) => {
      attempts.push(attempt);
      if (!isMended) throw new Error('boom');
    });
    const options = { backoff: () => 0, maxRestarts: 1, priority: 3, expireIn: 60_000 };
    const id = await near.submit({ type: 'mail' }, options);
    await until(async () => (await near.deadLetters()).length === 1);
    isMended = true;
    const [letter] = await near.deadLetters();
    const again = await far.redrive(letter?.id ?? '');
    await until(async () => (await fleet.stateOf(again)) === 'completed');
    const [row] = await fleet.query(
      'SELECT priority, expire_seconds > 59 AND expire_seconds < 120 AS kept FROM rxvisor.job WHERE id = $1',
      [again],
    );

    expect(again).not.toBe(id);
    expect(attempts).toEqual([1, 2, 1]);
    expect(row).toEqual({ priority: 3, kept: true });
    expect(await near.deadLetters()).toEqual([]);
    await expect(near.redrive(letter?.id ?? '')).rejects.toMatchObject({
      code: 'ERR_RXVISOR_INVALID_OPTION',
    });
  });

  it('should stay when another job with the same key waits', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => {
      throw new Error('boom');
    });
    await near.submit({ type: 'mail' }, { key: 'a' });
    await until(async () => (await near.deadLetters()).length === 1);
    const [letter] = await near.deadLetters();
    const waiting = await near.submit({ type: 'mail' }, { key: 'a', delay: 60_000 });

    expect(await near.redrive(letter?.id ?? '')).toBe(waiting);
    expect(await near.deadLetters()).toHaveLength(1);
  });

  it.each([undefined, '', 'x', 7, '00000000-0000-4000-8000-000000000000'])(
    'should refuse to redrive what is none: %p',
    async (id) => {
      const { near } = await fleet.pair();

      await expect(near.redrive(id as string)).rejects.toMatchObject({
        code: 'ERR_RXVISOR_INVALID_OPTION',
        option: 'id',
      });
    },
  );

  it('should take a job that kills whoever does it, when it has done so time and again', async () => {
    const { near, queue } = await fleet.pair();
    const id = await near.submit({ type: 'poison' }, { restart: 'on-failure' });
    let deaths = 0;
    let child: ChildProcess | undefined;
    // A machine that is lost is one that says nothing for long: that's not waited for.
    const age = `UPDATE rxvisor.job SET heartbeat_on = now() - interval '1 minute'
      WHERE id = $1 AND state = 'active'`;
    while ((await near.deadLetters()).length === 0) {
      child = fork(WORKER, [fleet.url, queue]);
      const died = once(child, 'exit').then(() => deaths++);
      await Promise.race([died, until(async () => (await near.deadLetters()).length > 0)]);
      await until(async () => {
        await fleet.query(age, [id]);
        return (await fleet.stateOf(id)) !== 'active';
      });
    }
    child?.kill('SIGKILL');

    expect(deaths).toBe(4);
    expect(await near.deadLetters()).toMatchObject([
      {
        attempts: 4,
        job: { type: 'poison' },
        error: { message: expect.stringContaining('the machine that did it was lost') },
      },
    ]);
  });

  it('should keep a letter that is done as a job of another queue, and fails there, too', async () => {
    const { near, queue } = await fleet.pair();
    const office = await fleet.open({ queue: `${queue}-office` });
    const fail = () => {
      throw new Error('boom');
    };
    near.setExecutor(fail);
    await near.submit({ type: 'mail' }, { deadLetter: `${queue}-office` });
    office.setExecutor(fail);
    await until(async () => (await office.deadLetters()).length === 1);

    expect(await office.deadLetters()).toMatchObject([{ job: { type: 'mail' } }]);
    expect(await near.deadLetters()).toEqual([]);
  });
});
