import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { threaded } from '../task/threaded.js';
import { type Cases, Gate, idle, times, until } from './support.js';

/** A worker module, without a file. */
const WORK = threaded<{ add(done: Int32Array, n: number): void }>(
  new URL('data:text/javascript,export const add = (done, n) => void Atomics.add(done, 0, n);'),
);

/** What becomes of jobs. */
export const DOING: Cases = {
  'should do a job: once, as it was submitted, as the first attempt of a task that is called after it':
    async (backend) => {
      const seen: unknown[] = [];
      backend.setExecutor((job, { name, attempt }) => seen.push([job, name, attempt]));
      await backend.initialize();
      const job = {
        type: 'mail',
        to: ['a', 'b'],
        urgent: true,
        size: 1.5,
        body: { text: '“é” ⛵' },
        cc: null,
      };
      await backend.submit(job);
      await idle(backend);

      assert.deepEqual(seen, [[job, 'job:mail', 1]]);
    },

  'should know a job as it was when it was submitted': async (backend) => {
    const seen: unknown[] = [];
    backend.setExecutor(({ to }) => seen.push(to));
    await backend.initialize();
    const job = { type: 'mail', to: 'a' };
    const submitted = backend.submit(job);
    job.to = 'b';
    await submitted;
    await idle(backend);

    assert.deepEqual(seen, ['a']);
  },

  'should give each job an id of its own': async (backend) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    const ids = await Promise.all(times(5, () => backend.submit({ type: 'mail' })));

    assert.equal(new Set(ids).size, 5);
    assert.ok(ids.every((id) => typeof id === 'string' && id !== ''));
  },

  'should run whatever an executor returns, and take what that emits': async (backend) => {
    const done: string[] = [];
    const kinds: Record<string, () => unknown> = {
      promise: async () => {
        await Promise.resolve();
        done.push('promise');
        return 1;
      },
      observable: () => {
        done.push('observable');
        return of(1, 2);
      },
      generator: function* () {
        yield 1;
        done.push('generator');
      },
      asyncGenerator: async function* () {
        yield await Promise.resolve(1);
        done.push('asyncGenerator');
      },
      value: () => done.push('value'),
    };
    backend.setExecutor(({ type }) => kinds[type]?.());
    await backend.initialize();
    for (const type of Object.keys(kinds)) await backend.submit({ type });
    await idle(backend);

    assert.deepEqual(done.sort(), Object.keys(kinds).sort());
  },

  'should run on a thread what an executor returns for one': async (backend) => {
    const done = new Int32Array(new SharedArrayBuffer(4));
    backend.setExecutor(({ n }) => WORK.add(done, n as number));
    await backend.initialize();
    await backend.submit({ type: 'sum', n: 4 });
    await idle(backend);

    assert.deepEqual([...done], [4]);
  },

  'should have the executor of its type do a job, and the one for all the others': async (
    backend,
  ) => {
    const seen: unknown[] = [];
    backend.setExecutor(({ type }) => seen.push(['all', type]));
    backend.setExecutor('mail', ({ type }) => seen.push(['mail', type]));
    await backend.initialize();
    await backend.submit({ type: 'mail' });
    await backend.submit({ type: 'fax' });
    await idle(backend);

    assert.deepEqual(
      new Map(seen as [string, string][]),
      new Map([
        ['mail', 'mail'],
        ['all', 'fax'],
      ]),
    );
  },

  'should keep what a job fails with from its submitter, and from the other jobs': async (
    backend,
  ) => {
    const done: unknown[] = [];
    backend.setExecutor(({ n }) => {
      if (n === 1) throw new Error('boom');
      if (n === 2) return Promise.reject(new Error('later'));
      return done.push(n);
    });
    await backend.initialize();
    for (const n of [0, 1, 2, 3]) await backend.submit({ type: 'mail', n });
    await idle(backend);

    assert.deepEqual(done.sort(), [0, 3]);
  },

  'should do each of many jobs once': async (backend) => {
    const seen: unknown[] = [];
    backend.setExecutor(({ n }) => void seen.push(n));
    await backend.initialize();
    await Promise.all(times(200, (n) => backend.submit({ type: 'mail', n })));
    await idle(backend);

    assert.deepEqual(
      seen.sort((a, b) => Number(a) - Number(b)),
      times(200, (n) => n),
    );
  },

  'should count what is under way': async (backend) => {
    const gate = new Gate();
    backend.setExecutor(() => gate.opened);
    await backend.initialize();
    assert.equal(backend.inflight, 0);
    const submitted = times(3, (n) => backend.submit({ type: 'mail', n }));
    await until(() => backend.inflight === 3);
    gate.open();
    await Promise.all(submitted);
    await idle(backend);
  },
};
