import { createHash } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { lastValueFrom, map, range, toArray } from 'rxjs';
import { AsyncTaskBackend, type SubmitOptions, SyncTaskBackend } from 'rxvisor';
import { until, useFleet } from './fleet.js';

jest.setTimeout(60_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const fleet = useFleet();

describe('the options of a submission to a broker', () => {
  it('should have the jobs of the highest priority begun first', async () => {
    const { near, queue } = await fleet.pair();
    for (const priority of [0, -3, 7, 2])
      await near.submit({ type: 'mail', priority }, { priority });
    await near.submit({ type: 'mail' });
    const seen: unknown[] = [];
    const far = await fleet.open({ queue, concurrency: 1 });
    far.setExecutor(({ priority }) => void seen.push(priority));
    await until(() => seen.length === 5);

    expect(seen).toEqual([7, 2, 0, undefined, -3]);
  });

  it('should not expire a job that is not told to, and keep one that waits for years', async () => {
    const { near, far } = await fleet.pair();
    const id = await near.submit({ type: 'mail' });
    const [row] = await fleet.query(
      `SELECT expire_seconds, keep_until > now() + interval '50 years' AS kept
       FROM rxvisor.job WHERE id = $1`,
      [id],
    );
    far.setExecutor(() => undefined);
    await until(() => near.inflight === 0);

    expect(row).toEqual({ expire_seconds: 2 ** 31 - 1, kept: true });
  });

  it('should stop an attempt when its time is up, fail it, and begin another if it’s told to', async () => {
    const { near, far } = await fleet.pair();
    const course: unknown[] = [];
    far.setExecutor(async (_, { signal, attempt }) => {
      if (attempt === 2) return;
      const start = performance.now();
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      course.push(performance.now() - start, signal.reason);
    });
    const id = await near.submit({ type: 'mail' }, { expireIn: 400, backoff: () => 0 });
    await until(async () => (await fleet.stateOf(id)) === 'completed');

    expect(course).toEqual([
      expect.any(Number),
      { type: 'abort', message: 'it took longer than 1000 ms' },
    ]);
    expect(course[0]).toBeGreaterThan(900);
  });

  it('should keep no error of jobs that are done in the end, however often each was begun', async () => {
    const { near, far, queue } = await fleet.pair();
    far.setExecutor(({ fails }, { attempt }) => {
      if (attempt <= Number(fails)) throw new Error(`attempt ${attempt}`);
    });
    const submissions = [0, 1, 0, 2, 1].map((fails) =>
      near.submit({ type: 'mail', fails }, { backoff: () => 0 }),
    );
    await Promise.all(submissions);
    await until(() => near.inflight === 0);
    const rows = await fleet.query(
      `SELECT state::text, retry_count, output FROM rxvisor.job WHERE name = $1 ORDER BY retry_count`,
      [queue],
    );

    expect(rows).toEqual(
      [0, 0, 1, 1, 2].map((count) => ({ state: 'completed', retry_count: count, output: null })),
    );
  });

  it('should have a job that took too long in the dead letter, when it’s not to be done again', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(
      (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        }),
    );
    const id = await near.submit({ type: 'mail' }, { expireIn: 1 });
    await until(async () => (await fleet.stateOf(id)) === 'failed');

    const [row] = await fleet.query(`SELECT output FROM rxvisor.job WHERE id = $1`, [id]);
    expect(row?.output).toMatchObject({
      message: expect.stringContaining('job "mail" took longer than 1000 ms'),
    });
  });

  it('should have a job in the transaction of its submitter: there when that is committed', async () => {
    const { near, far, queue } = await fleet.pair();
    const seen: unknown[] = [];
    far.setExecutor(({ n }) => void seen.push(n));
    const [client, ear] = [await fleet.client(), await fleet.client()];
    const heard: unknown[] = [];
    ear.on('notification', ({ payload }) => heard.push(payload));
    const name = createHash('sha224').update('rxvisor').digest('hex').slice(0, 24);
    await ear.query(`LISTEN pgboss_${name}`);
    await client.query('BEGIN');
    const id = await near.submit({ type: 'mail', n: 1 }, { client });
    expect(await fleet.stateOf(id)).toBeUndefined();
    expect(near.inflight).toBe(0);
    await ear.query('SELECT 1');
    expect(heard).toEqual([]);
    await client.query('COMMIT');
    await until(() => seen.length === 1);
    await until(() => heard.length === 1);

    expect(heard).toEqual([queue]);
    expect(await fleet.stateOf(id)).toBeDefined();
  });

  it('should have no job whose transaction is rolled back', async () => {
    const { near, far } = await fleet.pair();
    const seen: unknown[] = [];
    far.setExecutor(({ n }) => void seen.push(n));
    const client = await fleet.client();
    await client.query('BEGIN');
    const id = await near.submit({ type: 'mail', n: 1 }, { client, deadLetter: 'rolled.back' });
    await client.query('ROLLBACK');
    await near.submit({ type: 'mail', n: 2 });
    await until(() => seen.length === 1);

    expect(seen).toEqual([2]);
    expect(await fleet.stateOf(id)).toBeUndefined();
  });

  it('should find the job with the same key in a transaction, its own included', async () => {
    const { near } = await fleet.pair();
    const first = await near.submit({ type: 'mail' }, { key: 'a' });
    const client = await fleet.client();
    await client.query('BEGIN');
    const known = await near.submit({ type: 'mail' }, { key: 'a', client });
    const other = await near.submit({ type: 'mail' }, { key: 'b', client });
    const again = await near.submit({ type: 'mail' }, { key: 'b', client });
    await client.query('ROLLBACK');

    expect(known).toBe(first);
    expect(again).toBe(other);
  });

  it('should find the job with a key that waits, also after others with that key are over', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => undefined);
    for (let n = 0; n < 3; n++) {
      await near.submit({ type: 'mail' }, { key: 'a' });
      await until(() => near.inflight === 0);
    }
    const waiting = await near.submit({ type: 'mail' }, { key: 'a', delay: 60_000 });

    expect(await near.submit({ type: 'mail' }, { key: 'a' })).toBe(waiting);
  });

  it.each([new SyncTaskBackend(), new AsyncTaskBackend()])(
    'should be taken by a backend within the process, too, so that one line changes the backend: %#',
    async (backend) => {
      const client = { query: () => Promise.reject(new Error('not of this backend')) };
      const options = { priority: 1, deadLetter: 'dead', expireIn: 1, client };
      let times = 0;
      backend.setExecutor(() => {
        times++;
        throw new Error('boom');
      });
      await backend.initialize();
      await backend.submit({ type: 'mail' }, options);
      await until(() => backend.inflight === 0);
      await expect(backend.submit({ type: 'mail' }, { priority: 1.5 })).rejects.toMatchObject({
        option: 'priority',
      });
      await backend.shutdown();

      // None of them says that it's done again.
      expect(times).toBe(1);
    },
  );

  it('should refuse impossible ones by name', async () => {
    const { near, queue } = await fleet.pair();
    const refused: readonly [keyof SubmitOptions, unknown][] = [
      ['priority', 1.5],
      ['priority', 2 ** 31],
      ['deadLetter', 'a b'],
      ['deadLetter', queue],
      ['expireIn', 0],
      ['expireIn', -1],
      ['expireIn', '1s'],
      ['key', ''],
      ['key', 'a\0'],
      ['key', '\ud800'],
      ['key', 'x'.repeat(501)],
      ['client', {}],
      ['client', 'postgres://user:secret@host'],
    ];
    for (const [option, value] of refused) {
      await expect(near.submit({ type: 'mail' }, { [option]: value })).rejects.toMatchObject({
        code: 'ERR_RXVISOR_INVALID_OPTION',
        option,
      });
    }
  });

  it('should take the longest keys and groups that there are', async () => {
    const { near } = await fleet.pair();
    // What doesn't get shorter by compression, in four bytes each.
    const longest = (count: number) =>
      String.fromCodePoint(...Array.from({ length: count / 2 }, (_, n) => 0x10000 + n * 991));

    await expect(
      near.submit({ type: 'mail' }, { key: longest(500), group: longest(200) }),
    ).resolves.toEqual(expect.any(String));
  });

  it('should keep what is large in as many statements as it takes', async () => {
    const { near, far } = await fleet.pair();
    const text = 'x'.repeat(1_000_000);
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => near.submit({ type: 'large', n, text })),
    );
    const lengths: number[] = [];
    far.setExecutor(({ text }) => void lengths.push(String(text).length));
    await until(() => near.inflight === 0, 50_000);

    expect(lengths).toEqual(Array.from({ length: 40 }, () => 1_000_000));
  });

  it('should bring back what is large, all of it and in order', async () => {
    const { near, far } = await fleet.pair();
    const text = 'x'.repeat(1_000_000);
    far.setExecutor(() => range(0, 30).pipe(map((n) => ({ n, text }))));
    const values = await lastValueFrom(
      near.execute<{ n: number }>({ type: 'large' }).pipe(
        map(({ n }) => n),
        toArray(),
      ),
    );

    expect(values).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('should hold up nobody for the sake of a key that is in somebody’s open transaction', async () => {
    const { near } = await fleet.pair();
    const client = await fleet.client();
    await client.query('BEGIN');
    await near.submit({ type: 'mail' }, { client, key: 'a' });
    const waits = near.submit({ type: 'mail' }, { key: 'a' });
    let hasCome = false;
    void waits.then(() => (hasCome = true));
    await expect(near.submit({ type: 'mail' })).resolves.toEqual(expect.any(String));

    expect(hasCome).toBe(false);
    await client.query('ROLLBACK');
    await expect(waits).resolves.toEqual(expect.any(String));
  });

  it('should refuse a schema that PostgreSQL has for itself, by name', async () => {
    for (const schema of ['user', 'pg_mine']) {
      await expect(fleet.open({ schema })).rejects.toMatchObject({
        code: 'ERR_RXVISOR_INVALID_OPTION',
        option: 'schema',
        value: schema,
      });
    }
  });
});
