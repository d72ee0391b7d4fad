import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Runner, RunnerFailedError } from '../../src/index.js';
import { catchUncaught } from '../../src/cli/last-resort.js';

describe('catchUncaught', () => {
  it.each(['uncaughtException', 'unhandledRejection'])(
    'should make a failing task of an %s, with the very same error',
    async (name) => {
      const source = new EventEmitter();
      const runner = new Runner();
      const { late } = catchUncaught(runner, source);
      const running = runner.run().catch((error: unknown) => error);
      const error = new Error('loose');
      source.emit(name, error);
      const failed = (await running) as RunnerFailedError;

      expect(failed.failures).toEqual([{ task: name, error }]);
      expect(failed.cause).toBe(error);
      expect(late).toEqual([]);
    },
  );

  it('should take an error once, though Node tells of it as both', async () => {
    const source = new EventEmitter();
    const runner = new Runner();
    const { late } = catchUncaught(runner, source);
    const running = runner.run().catch((error: unknown) => error);
    const error = new Error('strict');
    source.emit('uncaughtException', error);
    source.emit('unhandledRejection', error);
    const { failures, report } = (await running) as RunnerFailedError;

    expect(failures).toEqual([{ task: 'uncaughtException', error }]);
    expect(report.counts).toEqual({ completed: 0, stopped: 0, failed: 1 });
    expect(late).toEqual([]);
  });

  it('should take several in one go, and undefined too', async () => {
    const source = new EventEmitter();
    const runner = new Runner();
    const { late } = catchUncaught(runner, source);
    const running = runner.run().catch((error: unknown) => error);
    source.emit('uncaughtException', undefined);
    source.emit('uncaughtException', 2);
    const { failures, report } = (await running) as RunnerFailedError;

    expect(failures[0]).toEqual({ task: 'uncaughtException', error: undefined });
    // The second had not begun when the first one stopped everything.
    expect(report.counts).toEqual({ completed: 0, stopped: 1, failed: 1 });
    expect(late).toEqual([2]);
  });

  it('should keep what comes while the runner stops, or when it has stopped, and tell of it', async () => {
    const source = new EventEmitter();
    const runner = new Runner();
    const lastResort = catchUncaught(runner, source);
    const told: unknown[] = [];
    const running = runner.run();
    void runner.shutdown();
    source.emit('uncaughtException', 'while');
    await running;
    lastResort.onLate = (error) => told.push(error);
    source.emit('unhandledRejection', 'after');

    expect(lastResort.late).toEqual(['while', 'after']);
    expect(told).toEqual(['after']);
  });
});
