import assert from 'node:assert/strict';
import type { Job } from '../backends/job.js';
import type { SubmitOptions, TaskBackend } from '../backends/task-backend.js';
import { StopRestarting } from '../errors.js';
import { constant } from '../supervise/backoff.js';
import { type Cases, idle } from './support.js';

/** Whether a job that fails is done again. */
export const RESTARTING: Cases = {
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

  'should give each attempt the job as it was submitted, whatever the one before has made of its own':
    async (backend) => {
      const seen: string[] = [];
      backend.setExecutor((job) => {
        const { items, body } = job as unknown as { items: number[]; body: { done?: boolean } };
        seen.push(JSON.stringify([items, body]));
        items.shift();
        body.done = true;
        throw new Error('boom');
      });
      await backend.initialize();
      const options: SubmitOptions = { backoff: constant(0), maxRestarts: 2 };
      await backend.submit({ type: 'mail', items: [1, 2, 3], body: {} }, options);
      await idle(backend);

      assert.deepEqual(seen, Array(3).fill('[[1,2,3],{}]'));
    },
};

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
