import { createHash, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { until, useFleet } from './fleet.js';

const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();

describe('what others write into the database of a broker', () => {
  const fleet = useFleet();

  afterEach(() => {
    warned.mockClear();
  });

  it('is heard without harm, whatever is said where backends talk to each other', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => 'done');
    const hash = createHash('sha224').update('rxvisor').digest('hex').slice(0, 24);
    const said = ['', 'x', 'null', '5', '{}', '{"type":"watch"}', '{"type":"cancel","ids":5}'];
    said.push('{"type":"progress","id":1}', '{"type":"settled"}', '{"type":"values"}');
    said.push('{"type":"part","of":"a","n":0,"count":1,"text":"zz"}', '{"type":"part","n":-1}');
    for (const text of said) {
      await fleet.query('SELECT pg_notify($1, $2)', [`rxvisor_${hash}`, text]);
    }

    await expect(lastValueFrom(near.execute({ type: 'mail' }))).resolves.toBe('done');
  });

  it('is dead at once if it is no job, and told', async () => {
    const { near, far, queue } = await fleet.pair();
    const rows = ['null', '{}', '[]', '"x"', '{"job":5}', '{"job":{"type":"ok"}}', '{"job":{}}'];
    for (const data of rows) {
      await fleet.query(
        `INSERT INTO rxvisor.job (id, name, data, policy, singleton_key, heartbeat_seconds)
         VALUES ($1::uuid, $2, $3, 'exclusive', $1::uuid::text, 10)`,
        [randomUUID(), queue, data],
      );
    }
    const done: unknown[] = [];
    far.setExecutor((job) => void done.push(job));
    await near.submit({ type: 'good' });
    const states = () =>
      fleet.query(
        `SELECT state::text, count(*)::int AS count FROM rxvisor.job WHERE name = $1
         GROUP BY state ORDER BY state`,
        [queue],
      );
    await until(async () => (await states()).every(({ state }) => state !== 'created'));
    await until(async () => (await states()).every(({ state }) => state !== 'active'));

    expect(done).toEqual([{ type: 'good' }]);
    expect(await states()).toEqual([
      { state: 'completed', count: 1 },
      { state: 'failed', count: rows.length },
    ]);
    expect(warned).toHaveBeenCalledTimes(rows.length);
    await expect(far.shutdown()).resolves.toEqual({ unfinished: [] });
  });

  it('ends who is subscribed to a job that somebody else cancels or fails', async () => {
    const { near, queue } = await fleet.pair();
    const waiting = `SELECT FROM rxvisor.job WHERE name = $1 AND data -> 'job' ->> 'type' = $2`;
    const ends = ['cancelled', 'failed'].map(async (state) => {
      const end = lastValueFrom(near.execute({ type: state })).catch((error: unknown) => error);
      await until(async () => (await fleet.query(waiting, [queue, state])).length === 1);
      await fleet.query(
        `UPDATE rxvisor.job SET state = $3, completed_on = now(), output = $4
         WHERE name = $1 AND data -> 'job' ->> 'type' = $2`,
        [queue, state, state, state === 'failed' ? { error: 'boom' } : null],
      );
      return end;
    });

    await expect(Promise.all(ends)).resolves.toMatchObject([
      { code: 'ERR_RXVISOR_CANCELLED' },
      { message: 'boom' },
    ]);
  });
});

describe('a shutdown that has no time', () => {
  const fleet = useFleet();

  it('loses nothing that was submitted, and settles what was done', async () => {
    const { near, far, queue } = await fleet.pair({ shutdownTimeout: 0 });
    let done = 0;
    far.setExecutor(() => void done++);
    await Promise.all(Array.from({ length: 300 }, (_, n) => near.submit({ type: 'mail', n })));
    const late = Array.from({ length: 100 }, (_, n) => near.submit({ type: 'late', n }));
    const closing = [near.shutdown(), far.shutdown()];

    await expect(Promise.all(late)).resolves.toHaveLength(100);
    await Promise.all(closing);
    const counts = await fleet.query(
      `SELECT count(*) FILTER (WHERE state = 'active')::int AS active,
         count(*) FILTER (WHERE state = 'completed')::int AS completed, count(*)::int AS all
       FROM rxvisor.job WHERE name = $1`,
      [queue],
    );
    expect(counts).toEqual([{ active: 0, completed: done, all: 400 }]);
  });
});
