import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { AsyncTaskBackend } from '../../src/backends/async-task-backend.js';
import type { Job } from '../../src/backends/job.js';
import { SyncTaskBackend } from '../../src/backends/sync-task-backend.js';
import { Runner } from '../../src/runner/runner.js';
import { threaded } from '../../src/task/threaded.js';

jest.setTimeout(20_000);

interface Work {
  refuse(job: Job): void;
  linger(noted: Int32Array): Promise<void>;
}

/** Says what it has been called with; begins, and ends when it's told to. */
const work = threaded<Work>(
  new URL(`data:text/javascript,
    export const refuse = (...args) => {
      const [job, context] = args;
      throw new Error([args.length, JSON.stringify(job), context.signal.aborted].join(' '));
    };
    export const linger = (noted, { signal }) => new Promise((resolve) => {
      signal.addEventListener('abort', () => { noted[1] = 1; resolve(); });
      noted[0] = 1;
    });`),
);

describe('a job on a thread', () => {
  let warnings: jest.SpiedFunction<typeof process.emitWarning>;
  const said = () =>
    warnings.mock.calls.map(([message, options]) => [
      message,
      (options as { detail: string }).detail,
    ]);

  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockReturnValue();
  });

  afterEach(() => {
    warnings.mockRestore();
  });

  it('should be what a worker’s function is given that is the executor, beside its own context', async () => {
    const backend = new SyncTaskBackend();
    backend.setExecutor('mail', work.refuse);
    await backend.submit({ type: 'mail', to: 'a' });

    expect(said()).toEqual([
      ['job:mail failed', expect.stringContaining('2 {"type":"mail","to":"a"} false')],
    ]);
  });

  it('should fail with what the thread fails with, and be done again', async () => {
    const backend = new SyncTaskBackend();
    const attempts: number[] = [];
    backend.setExecutor((job, { attempt }) => {
      attempts.push(attempt);
      return work.refuse(job);
    });
    await backend.submit({ type: 'mail' }, { maxRestarts: 1, backoff: () => 0 });

    expect(attempts).toEqual([1, 2]);
    expect(said()).toHaveLength(1);
  });

  it('should hear on its thread that it’s stopped, and be over then', async () => {
    const runner = new Runner();
    const run = runner.run();
    const backend = new AsyncTaskBackend({ runner, shutdownTimeout: 0 });
    const noted = new Int32Array(new SharedArrayBuffer(8));
    // Its signal is read: what it has returned isn't unsubscribed then.
    backend.setExecutor((_job, { signal }) => (signal.aborted ? undefined : work.linger(noted)));
    await backend.initialize();
    await backend.submit({ type: 'mail' });
    while (noted[0] === 0) await setTimeout(5);

    expect(await backend.shutdown()).toEqual({ unfinished: [{ type: 'mail' }] });
    expect([...noted]).toEqual([1, 1]);
    await runner.shutdown();
    await expect(run).resolves.toMatchObject({ failures: [] });
  });

  it('should say so when an executor returns a builder that has not been called, or a promise', async () => {
    const backend = new SyncTaskBackend();
    backend.setExecutor('builder', () => work.refuse);
    backend.setExecutor('promise', (job) => Promise.resolve(work.refuse(job)));
    await backend.submit({ type: 'builder' });
    await backend.submit({ type: 'promise' }, { maxRestarts: 1, backoff: () => 0 });

    expect(said()).toEqual([
      ['job:builder failed', expect.stringContaining('call it, as in work.refuse(…)')],
      ['job:promise failed', expect.stringContaining('return that itself')],
    ]);
  });
});
