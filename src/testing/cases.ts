import assert from 'node:assert/strict';
import { of } from 'rxjs';
import type { Job } from '../backends/job.js';
import type { SubmitOptions, TaskBackend } from '../backends/task-backend.js';
import { StopRestarting } from '../errors.js';
import { constant } from '../supervise/backoff.js';
import { Gate, hasCode, until } from './support.js';

/** What every backend promises, one test each. */
export const CASES: Readonly<Record<string, (backend: TaskBackend) => Promise<void>>> = {
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

  'should not do a job again that fails, unless it’s told to': async (backend) => {
    assert.deepEqual(await attemptsOf(backend, {}), [1]);
  },

  'should do a job again as often as it’s told to, by the words of supervise': async (backend) => {
    const options: SubmitOptions = { restart: 'on-failure', backoff: constant(0), maxRestarts: 2 };

    assert.deepEqual(await attemptsOf(backend, options), [1, 2, 3]);
  },

  'should take it that a job is to be done again when it’s told how': async (backend) => {
    assert.deepEqual(await attemptsOf(backend, { backoff: constant(0), maxRestarts: 1 }), [1, 2]);
  },

  'should not do a job again that fails for good': async (backend) => {
    const options: SubmitOptions = { restart: 'on-failure', backoff: constant(0) };

    assert.deepEqual(await attemptsOf(backend, options, new StopRestarting('bad address')), [1]);
  },

  'should refuse what is no job, and have nothing of it': async (backend) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    const circle: Record<string, unknown> = { type: 'mail' };
    circle.self = [circle];
    const refused = [
      null,
      'mail',
      ['mail'],
      {},
      { type: '' },
      { type: 7 },
      new (class Mail {
        type = 'mail';
      })(),
      { type: 'mail', at: new Date(0) },
      { type: 'mail', n: NaN },
      { type: 'mail', n: 1n },
      { type: 'mail', f: () => 1 },
      { type: 'mail', text: 'a\u0000' },
      circle,
    ];
    for (const job of refused) {
      await assert.rejects(backend.submit(job as never), hasCode('ERR_RXVISOR_INVALID_PAYLOAD'));
    }

    assert.equal(backend.inflight, 0);
  },

  'should refuse options that there are not, and impossible ones': async (backend) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    for (const options of [{ retries: 3 }, { maxRestarts: -1 }, { delay: '1s' }]) {
      const submitted = backend.submit({ type: 'mail' }, options as never);
      await assert.rejects(submitted, hasCode('ERR_RXVISOR_INVALID_OPTION'));
    }

    assert.equal(backend.inflight, 0);
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

  'should have what is under way done before it has shut down, teardown included': async (
    backend,
  ) => {
    const gate = new Gate();
    const done: string[] = [];
    backend.setExecutor(async (_, { onTeardown }) => {
      onTeardown(async () => {
        await Promise.resolve();
        done.push('torn down');
      });
      await gate.opened;
      done.push('done');
    });
    await backend.initialize();
    const submitted = backend.submit({ type: 'mail' });
    await until(() => backend.inflight === 1);
    const closed = backend.shutdown();
    gate.open();

    assert.deepEqual(await closed, { unfinished: [] });
    assert.deepEqual(done, ['done', 'torn down']);
    await submitted;
  },

  'should have done before it has shut down what a job submits meanwhile': async (backend) => {
    const gate = new Gate();
    const done: unknown[] = [];
    backend.setExecutor(async ({ n }) => {
      await gate.opened;
      if (Number(n) < 3) await backend.submit({ type: 'mail', n: Number(n) + 1 });
      done.push(n);
    });
    await backend.initialize();
    const submitted = backend.submit({ type: 'mail', n: 1 });
    await until(() => backend.inflight === 1);
    const closed = backend.shutdown();
    gate.open();

    assert.deepEqual(await closed, { unfinished: [] });
    assert.deepEqual(done.sort(), [1, 2, 3]);
    await submitted;
  },

  'should refuse a job when it has shut down, and be shut down any number of times': async (
    backend,
  ) => {
    backend.setExecutor(() => undefined);
    await backend.initialize();
    await Promise.all([backend.shutdown(), backend.shutdown()]);
    await assert.rejects(backend.submit({ type: 'mail' }), hasCode('ERR_RXVISOR_BACKEND_CLOSED'));

    assert.deepEqual(await backend.shutdown(), { unfinished: [] });
    assert.equal(backend.inflight, 0);
  },

  'should be shut down though it was never initialized': async (backend) => {
    assert.deepEqual(await backend.shutdown(), { unfinished: [] });
  },
};

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const idle = (backend: TaskBackend) => until(() => backend.inflight === 0);

/** The attempts of a job that always fails. */
async function attemptsOf(
  backend: TaskBackend,
  options: SubmitOptions,
  error: unknown = new Error('boom'),
): Promise<number[]> {
  const attempts: number[] = [];
  backend.setExecutor((_job: Job, { attempt }) => {
    attempts.push(attempt);
    throw error;
  });
  await backend.initialize();
  await backend.submit({ type: 'mail' }, options);
  await idle(backend);
  return attempts;
}
