import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { AsyncTaskBackend } from '../../src/backends/async-task-backend.js';
import { runOwn } from '../../src/backends/run-own.js';
import { Runner } from '../../src/runner/runner.js';
import type { TaskContext } from '../../src/task/shapes.js';

/** Fails when it's stopped. */
const untidy = ({ signal }: TaskContext) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('cleanup failed'));
    });
  });

/** Resolves when the task has been entered. */
const started = (runner: Runner, name: string) =>
  firstValueFrom(
    runner.events$.pipe(filter((event) => event.type === 'start' && event.task === name)),
  );

describe('runOwn', () => {
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

  it('should say which job failed as it was stopped, and with what, once', async () => {
    const runner = new Runner();
    const run = runOwn(runner);
    const start = started(runner, 'job:mail');
    const task$ = runner.adopt(untidy, { name: 'job:mail' });
    await start;
    await task$.stop('cancelled');
    await runner.shutdown();
    await run;

    expect(said()).toEqual([['job:mail failed as it was stopped', 'Error: cleanup failed']]);
  });

  it('should tell what was not over in time from what failed, and say so of each', async () => {
    const runner = new Runner({ grace: 1 });
    const run = runOwn(runner);
    const start = started(runner, 'job:stuck');
    runner.adopt(untidy, { name: 'job:mail' });
    runner.adopt(({ signal }) => new Promise(() => signal), { name: 'job:stuck' });
    await start;
    await runner.shutdown();
    await run;

    expect(said()).toEqual([
      ['job:mail failed as it was stopped', 'Error: cleanup failed'],
      ['job:stuck was not over in time', expect.stringContaining('OverdueError')],
    ]);
  });

  it('should have a backend name its jobs that fail as they’re stopped', async () => {
    const backend = new AsyncTaskBackend({ shutdownTimeout: 0 });
    const warned = new Promise<void>((resolve) => {
      warnings.mockImplementation(() => {
        resolve();
      });
    });
    await new Promise<void>((resolve) => {
      backend.setExecutor((_job, context) => {
        resolve();
        return untidy(context);
      });
      void backend.initialize().then(() => backend.submit({ type: 'mail' }));
    });
    await backend.shutdown();
    await warned;

    expect(said()).toContainEqual(['job:mail failed as it was stopped', 'Error: cleanup failed']);
  });
});
