import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { type Observable, Subject, firstValueFrom, lastValueFrom, of, take, toArray } from 'rxjs';
import type { TaskContext } from 'rxvisor';
import { until, useFleet } from './fleet.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const WORKER = join(import.meta.dirname, '../../fixtures/broker/worker.mjs');

const fleet = useFleet();

const count = (to: number) => Array.from({ length: to }, (_, n) => n + 1);

/** What is kept of what jobs have emitted. */
async function kept(): Promise<number> {
  const [row] = await fleet.query('SELECT count(*)::int AS count FROM rxvisor.rxvisor_value');
  return Number(row?.count);
}

/** Tells what a stream tells. */
function watch<T>(source$: Observable<T>) {
  const seen: unknown[] = [];
  const subscription = source$.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push({ error }),
    complete: () => seen.push('complete'),
  });
  return { seen, subscription };
}

describe('the execution of a job', () => {
  it('should submit nothing before there is a subscription, and one job for each', async () => {
    const { near, far } = await fleet.pair();
    let times = 0;
    far.setExecutor(() => ++times);
    const result$ = near.execute<number>({ type: 'add' });
    expect(near.inflight).toBe(0);

    expect(await lastValueFrom(result$)).toBe(1);
    expect(await lastValueFrom(result$)).toBe(2);
  });

  it.each<[string, (context: TaskContext) => unknown, unknown[]]>([
    ['nothing', () => undefined, ['complete']],
    ['one', () => 'one', ['one', 'complete']],
    ['what is falsy', () => of(null, 0, '', false, []), [null, 0, '', false, [], 'complete']],
    ['many', () => of(...count(5)), [...count(5), 'complete']],
    ['an array as one', () => [1, [2]], [[1, [2]], 'complete']],
    ['what is long', () => 'é'.repeat(100_000), ['é'.repeat(100_000), 'complete']],
  ])('should bring back values and the completion: %s', async (_, executor, expected) => {
    const { near, far } = await fleet.pair();
    far.setExecutor((_job, context) => executor(context));
    const { seen } = watch(near.execute({ type: 'add' }));
    await until(() => seen.includes('complete'));

    expect(seen).toEqual(expected);
    await until(async () => (await kept()) === 0);
  });

  it('should bring back values as they are emitted, not only at the end', async () => {
    const { near, far } = await fleet.pair();
    const source = new Subject<number>();
    far.setExecutor(() => source);
    const { seen } = watch(near.execute({ type: 'add' }));
    await until(() => source.observed);
    for (const n of count(3)) {
      source.next(n);
      await until(() => seen.length === n);
    }
    source.complete();
    await until(() => seen.includes('complete'));

    expect(seen).toEqual([1, 2, 3, 'complete']);
  });

  it('should bring back the error as it was thrown, after what came before it', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(async function* () {
      yield await Promise.resolve(1);
      throw Object.assign(new RangeError('boom', { cause: new TypeError('inner') }), {
        code: 'E_FAR',
      });
    });
    const { seen } = watch(near.execute({ type: 'add' }));
    await until(() => seen.length === 2);

    expect(seen).toMatchObject([
      1,
      {
        error: { name: 'RangeError', message: 'boom', code: 'E_FAR', cause: { message: 'inner' } },
      },
    ]);
    expect((seen[1] as { error: unknown }).error).toBeInstanceOf(RangeError);
    await until(async () => (await kept()) === 0);
  });

  it('should lose nothing of many values, nor their order, and keep none of them', async () => {
    const { near, queue } = await fleet.pair();
    const child = fork(WORKER, [fleet.url, queue]);
    await once(child, 'message');
    const values = await lastValueFrom(
      near.execute<number>({ type: 'count', to: 20_000 }).pipe(toArray()),
    );
    await until(async () => (await kept()) === 0);
    const failed = await lastValueFrom(near.execute({ type: 'fail', message: 'far away' })).catch(
      (error: unknown) => error,
    );
    child.send('stop');
    await once(child, 'exit');

    expect(values).toEqual(count(20_000));
    expect(failed).toMatchObject({ name: 'RangeError', message: 'far away', code: 'E_FAR' });
  });

  it('should lose nothing though the job was over long before its submitter had time', async () => {
    const { near, queue } = await fleet.pair();
    const child = fork(WORKER, [fleet.url, queue]);
    await once(child, 'message');
    const { seen } = watch(near.execute({ type: 'count', to: 5_000 }));
    const find = `SELECT state FROM rxvisor.job WHERE name = $1 AND state > 'created'`;
    await until(async () => (await fleet.query(find, [queue])).length > 0);
    // Nothing happens in this process meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
    await until(() => seen.includes('complete'));
    child.send('stop');
    await once(child, 'exit');

    expect(seen).toEqual([...count(5_000), 'complete']);
  });

  it('should lose nothing though nobody is told, and connections are lost', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(async function* () {
      for (const n of count(300)) {
        yield n;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    const { seen } = watch(near.execute({ type: 'count' }));
    for (let round = 0; round < 3; round++) {
      await until(() => seen.length > round * 20 + 5);
      await fleet.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND application_name = 'rxvisor'`);
    }
    await until(() => seen.length > 300, 40_000);

    expect(seen).toEqual([...count(300), 'complete']);
  });

  it('should say of several at once what is each one’s', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(({ n }) => of(...count(50).map((each) => `${String(n)}-${each}`)));
    const all = await Promise.all(
      count(20).map((n) => lastValueFrom(near.execute({ type: 'add', n }).pipe(toArray()))),
    );

    expect(all).toEqual(count(20).map((n) => count(50).map((each) => `${n}-${each}`)));
  });

  it('should bring what a failed attempt has emitted, and then what the next one does', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(async function* (_, { attempt }) {
      yield `${attempt}a`;
      if (attempt === 1) throw new Error('boom');
      yield await Promise.resolve(`${attempt}b`);
    });
    const { seen } = watch(near.execute({ type: 'add' }, { backoff: () => 0 }));
    await until(() => seen.includes('complete'));

    expect(seen).toEqual(['1a', '2a', '2b', 'complete']);
  });

  it('should cancel the job when it’s unsubscribed, wherever that runs', async () => {
    const { near, far } = await fleet.pair();
    const reasons: unknown[] = [];
    far.setExecutor(async function* (_, { signal }) {
      yield 1;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
      reasons.push(signal.reason);
      yield 2;
    });

    expect(await firstValueFrom(near.execute({ type: 'add' }))).toBe(1);
    await until(() => reasons.length === 1);
    expect(reasons).toEqual([{ type: 'unsubscribe' }]);
    await until(() => near.inflight === 0 && far.inflight === 0);
    await until(async () => (await kept()) === 0);
    expect(await near.deadLetters()).toEqual([]);
  });

  it('should cancel a job that waits, or has not even been submitted, when it’s unsubscribed', async () => {
    const { near, far } = await fleet.pair();
    const first = watch(near.execute({ type: 'add' }, { delay: 2_000 }));
    await waitFor('created');
    first.subscription.unsubscribe();
    watch(near.execute({ type: 'add' })).subscription.unsubscribe();
    await until(() => near.inflight === 0);
    let times = 0;
    far.setExecutor(() => ++times);
    await lastValueFrom(near.execute({ type: 'add' }));

    expect(times).toBe(1);
  });

  it('should end with CancelledError when somebody else cancels the job', async () => {
    const { near, far } = await fleet.pair();
    const { seen } = watch(near.execute({ type: 'add' }));
    const [row] = await waitFor('created');
    await far.cancel(String(row?.id), 'not wanted');
    await until(() => seen.length === 1);

    expect(seen).toMatchObject([
      {
        error: { code: 'ERR_RXVISOR_CANCELLED', reason: { type: 'stop', message: 'not wanted' } },
      },
    ]);
  });

  it('should end with CancelledError when its backend shuts down, and leave no job', async () => {
    const { near } = await fleet.pair();
    const { seen } = watch(near.execute({ type: 'add' }));
    const [row] = await waitFor('created');
    await near.shutdown();

    expect(seen).toMatchObject([
      { error: { code: 'ERR_RXVISOR_CANCELLED', reason: { type: 'shutdown' } } },
    ]);
    expect(await fleet.stateOf(String(row?.id))).toBe('cancelled');
  });

  it('should bring what is done here before its backend has shut down', async () => {
    const near = await fleet.open({ queue: 'alone' });
    const source = new Subject<number>();
    near.setExecutor(() => source);
    const { seen } = watch(near.execute({ type: 'add' }));
    await until(() => source.observed);
    const closed = near.shutdown();
    source.next(1);
    source.complete();
    await closed;

    expect(seen).toEqual([1, 'complete']);
  });

  it('should go on elsewhere when it’s given back, and lose nothing', async () => {
    const { near, far, queue } = await fleet.pair({ shutdownTimeout: 1 });
    const source = new Subject<number>();
    far.setExecutor(() => source);
    const { seen } = watch(near.execute({ type: 'add' }));
    await until(() => source.observed);
    source.next(1);
    await until(() => seen.length === 1);
    await far.shutdown();
    const third = await fleet.open({ queue });
    third.setExecutor((_, { attempt }) => of(attempt, 'done'));
    await until(() => seen.includes('complete'));

    expect(seen).toEqual([1, 1, 'done', 'complete']);
  });

  it('should fail a job that emits what does not survive JSON, and say what', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => of(1, { at: new Date(0) }, 2));
    const { seen } = watch(near.execute({ type: 'add' }, { backoff: () => 0 }));
    await until(() => seen.length === 2);

    expect(seen).toMatchObject([
      1,
      {
        error: {
          code: 'ERR_RXVISOR_INVALID_PAYLOAD',
          message: expect.stringContaining('what job "add" emitted'),
          cause: { message: expect.stringContaining('"at"') },
        },
      },
    ]);
  });

  it('should keep nothing of what jobs emit to which nobody is subscribed', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => of(1, new Date(0), 3));
    const id = await near.submit({ type: 'add' });
    await until(() => near.inflight === 0);

    expect(await fleet.stateOf(id)).toBe('completed');
    expect(await kept()).toBe(0);
  });

  it('should cancel the job for sure, when the database doesn’t take that at first', async () => {
    const { near, far } = await fleet.pair();
    const reasons: unknown[] = [];
    far.setExecutor(async function* (_, { signal }) {
      yield 1;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
      reasons.push(signal.reason);
    });
    const { seen, subscription } = watch(near.execute({ type: 'add' }));
    await until(() => seen.length === 1);
    await fleet.query('ALTER TABLE rxvisor.job RENAME COLUMN data TO gone');
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await fleet.query('ALTER TABLE rxvisor.job RENAME COLUMN gone TO data');
    await until(() => reasons.length === 1);

    expect(reasons).toEqual([{ type: 'unsubscribe' }]);
  });

  it('should refuse to bring what is longer than a job may be', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => 'x'.repeat(1_048_576));

    await expect(lastValueFrom(near.execute({ type: 'add' }))).rejects.toMatchObject({
      code: 'ERR_RXVISOR_INVALID_PAYLOAD',
      message: expect.stringContaining('1048578 characters'),
    });
  });

  it('should keep nothing of an attempt whose job was given away', async () => {
    const { near, far } = await fleet.pair();
    const source = new Subject<number>();
    far.setExecutor((_, { attempt }) => (attempt === 1 ? source : of('second')));
    const { seen } = watch(near.execute({ type: 'add' }));
    await until(() => source.observed);
    source.next(1);
    await until(() => seen.length === 1);
    const [row] = await waitFor('active');
    const away = `UPDATE rxvisor.job SET state = 'retry', start_after = now() WHERE id = $1`;
    await fleet.query(away, [row?.id]);
    source.next(2);
    await until(() => seen.includes('complete'));
    source.next(3);
    source.complete();
    await until(() => far.inflight === 0);

    expect(seen).toEqual([1, 'second', 'complete']);
    expect(await kept()).toBe(0);
  });

  it('should take only as many as are wanted', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => of(...count(100)));

    expect(await lastValueFrom(near.execute({ type: 'add' }).pipe(take(3), toArray()))).toEqual([
      1, 2, 3,
    ]);
    await until(() => near.inflight === 0);
  });

  it('should refuse at once what is no job, and impossible options', async () => {
    const { near } = await fleet.pair();

    expect(() => near.execute({ type: '' })).toThrow(
      expect.objectContaining({ code: 'ERR_RXVISOR_INVALID_PAYLOAD' }),
    );
    for (const option of ['key', 'client', 'retries']) {
      expect(() => near.execute({ type: 'add' }, { [option]: 'a' })).toThrow(
        expect.objectContaining({ code: 'ERR_RXVISOR_INVALID_OPTION', option }),
      );
    }
  });

  it('should error before its backend is initialized, and after it has shut down', async () => {
    const { near } = await fleet.pair();
    await near.shutdown();

    await expect(lastValueFrom(near.execute({ type: 'add' }))).rejects.toMatchObject({
      code: 'ERR_RXVISOR_BACKEND_CLOSED',
    });
  });

  async function waitFor(state: string) {
    const find = () =>
      fleet.query(
        `SELECT id::text FROM rxvisor.job WHERE state::text = $1 AND name LIKE 'q-%' AND name NOT LIKE '%.dead'
         ORDER BY created_on DESC`,
        [state],
      );
    await until(async () => (await find()).length > 0);
    return find();
  }

  it('should submit nothing for whoever leaves in the same turn', async () => {
    const { near, far } = await fleet.pair();
    let begun = 0;
    far.setExecutor(() => void begun++);
    for (let n = 0; n < 10; n++) near.execute({ type: 'mail' }).subscribe().unsubscribe();
    await lastValueFrom(near.execute({ type: 'mail' }), { defaultValue: undefined });

    // That a job is over is told apart from what it has emitted.
    await until(() => near.inflight === 0);

    expect(begun).toBe(1);
  });
});
