import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NEVER, Observable, VirtualTimeScheduler } from 'rxjs';
import { AsyncTaskBackend } from '../../src/backends/async-task-backend.js';
import { BackendClosedError, InvalidOptionError, RunnerStateError } from '../../src/errors.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { RunnerOptions } from '../../src/runner/run-options.js';
import { Runner } from '../../src/runner/runner.js';
import { constant } from '../../src/supervise/backoff.js';

const mail = (n = 0) => ({ type: 'mail', n });

describe('AsyncTaskBackend', () => {
  let warnings: jest.SpiedFunction<typeof process.emitWarning>;
  let runners: Runner[];
  const codes = () => warnings.mock.calls.map(([, options]) => (options as { code: string }).code);

  beforeEach(() => {
    jest.useFakeTimers();
    runners = [];
    warnings = jest.spyOn(process, 'emitWarning').mockReturnValue();
  });

  afterEach(async () => {
    warnings.mockRestore();
    // One that a failing test has left would keep everything alive.
    for (const runner of runners) void runner.shutdown();
    await tick(60_000);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  const toRunner = (options?: RunnerOptions) => {
    const runner = new Runner(options);
    runners.push(runner);
    return runner;
  };
  const tick = (ms = 0) => jest.advanceTimersByTimeAsync(ms);
  /** A backend whose jobs end when they're told to. */
  const toBackend = (options: ConstructorParameters<typeof AsyncTaskBackend>[0] = {}) => {
    const backend = new AsyncTaskBackend<ReturnType<typeof mail>>(options);
    const begun: number[] = [];
    const ends = new Map<number, () => void>();
    backend.setExecutor(({ n }) => {
      begun.push(n);
      return new Promise<void>((resolve) => ends.set(n, resolve));
    });
    return { backend, begun, end: (n: number) => ends.get(n)?.() };
  };
  const narrated = (runner: Runner) => {
    const events: LifecycleEvent[] = [];
    runner.events$.subscribe((event) => events.push(event));
    return (task: string) =>
      events.filter((event) => 'task' in event && event.task === task).map(({ type }) => type);
  };

  it('should return before the job runs', async () => {
    const { backend, begun, end } = toBackend();
    await backend.initialize();
    await backend.submit(mail(1));
    expect(begun).toEqual([]);
    await tick(1);
    expect(begun).toEqual([1]);
    end(1);

    expect(await backend.shutdown()).toEqual({ unfinished: [] });
  });

  it('should hold nothing before its first job, and nothing after its end', async () => {
    const { backend, end } = toBackend();
    expect(jest.getTimerCount()).toBe(0);
    await backend.initialize();
    await backend.submit(mail(1));
    await tick(1);
    end(1);
    await backend.shutdown();
  });

  it('should warn of a job that comes before it’s initialized, once, and run it', async () => {
    const { backend, begun, end } = toBackend();
    await backend.submit(mail(1));
    await backend.submit(mail(2));
    await tick(1);

    expect(begun).toEqual([1, 2]);
    expect(codes()).toEqual(['RXVISOR_NOT_INITIALIZED']);
    end(1);
    end(2);
    await backend.shutdown();
  });

  it('should run as many at a time as it’s told, in the order of their coming', async () => {
    const { backend, begun, end } = toBackend({ concurrency: 2 });
    await backend.initialize();
    for (const n of [1, 2, 3, 4]) await backend.submit(mail(n));
    await tick(1);
    expect(begun).toEqual([1, 2]);
    expect(backend.inflight).toBe(4);
    end(2);
    await tick(1);
    expect(begun).toEqual([1, 2, 3]);
    end(1);
    end(3);
    await tick(1);
    expect(begun).toEqual([1, 2, 3, 4]);
    expect(backend.inflight).toBe(1);
    end(4);

    expect(await backend.shutdown()).toEqual({ unfinished: [] });
    expect(backend.inflight).toBe(0);
  });

  it('should tell its jobs in the events of the runner that it’s given, and leave that alone', async () => {
    const runner = toRunner();
    const told = narrated(runner);
    void runner.run();
    const backend = new AsyncTaskBackend({ runner });
    backend.setExecutor(({ fails }, { attempt }) => {
      if (attempt <= Number(fails)) throw new Error('boom');
    });
    await backend.initialize();
    await backend.submit({ type: 'mail', fails: 2 }, { backoff: constant(50) });
    await backend.submit({ type: 'mail', fails: 1 });
    await tick(200);

    expect(told('job:mail')).toEqual([
      ...['start', 'crash', 'restart', 'start', 'crash', 'restart'],
      ...['start', 'exit'],
    ]);
    expect(told('job:mail#2')).toEqual(['start', 'crash', 'exit']);
    await backend.shutdown();
    expect(runner.state).toBe('running');
    expect((await runner.shutdown()).failures).toEqual([]);
  });

  it('should warn of what a job fails with, by its name', async () => {
    const backend = new AsyncTaskBackend();
    backend.setExecutor(() => {
      throw new Error('no such address');
    });
    await backend.initialize();
    await backend.submit({ type: 'mail' });
    await tick(1);

    expect(warnings).toHaveBeenCalledWith('job:mail failed', {
      type: 'RxvisorWarning',
      code: 'RXVISOR_JOB_FAILED',
      detail: 'Error: no such address',
    });
    await backend.shutdown();
  });

  it('should drop a job with a warning when nobody does jobs', async () => {
    const backend = new AsyncTaskBackend();
    await backend.initialize();
    await backend.submit({ type: 'mail' });

    expect(codes()).toEqual(['RXVISOR_JOB_DROPPED']);
    expect(backend.inflight).toBe(0);
    await backend.shutdown();
  });

  it('should fail a job of a type that nobody does', async () => {
    const backend = new AsyncTaskBackend();
    backend.setExecutor('fax', () => undefined);
    await backend.initialize();
    await backend.submit({ type: 'mail' });
    await tick(1);

    expect(codes()).toEqual(['RXVISOR_JOB_FAILED']);
    expect(JSON.stringify(warnings.mock.calls)).toContain('nobody does jobs of type');
    await backend.shutdown();
  });

  it('should find the job with the same key that waits or runs, and take another when that’s over', async () => {
    const { backend, begun, end } = toBackend({ concurrency: 1 });
    await backend.initialize();
    const first = await backend.submit(mail(1), { key: 'a' });
    expect(await backend.submit(mail(2), { key: 'a' })).toBe(first);
    const other = await backend.submit(mail(3), { key: 'b' });
    expect(await backend.submit(mail(4), { key: 'b' })).toBe(other);
    expect(other).not.toBe(first);
    await tick(1);
    end(1);
    await tick(1);
    expect(await backend.submit(mail(5), { key: 'a' })).not.toBe(first);
    end(3);
    await tick(1);
    end(5);
    await backend.shutdown();

    expect(begun).toEqual([1, 3, 5]);
  });

  it('should wait until a job is due', async () => {
    const { backend, begun, end } = toBackend();
    await backend.initialize();
    await backend.submit(mail(1), { delay: 1_000 });
    await tick(999);
    expect(begun).toEqual([]);
    expect(backend.inflight).toBe(1);
    await tick(2);
    expect(begun).toEqual([1]);
    end(1);
    await backend.shutdown();
  });

  it('should have done before it has shut down what jobs submit meanwhile', async () => {
    const backend = new AsyncTaskBackend();
    const done: unknown[] = [];
    backend.setExecutor(async ({ n }) => {
      if (Number(n) < 3) await backend.submit({ type: 'mail', n: Number(n) + 1 });
      done.push(n);
    });
    await backend.initialize();
    await backend.submit({ type: 'mail', n: 1 });
    const closed = backend.shutdown();
    await tick(10);

    expect(await closed).toEqual({ unfinished: [] });
    expect(done).toEqual([1, 2, 3]);
  });

  describe('when the time for its shutdown is up', () => {
    it('should stop what runs, not begin what waits, and say what was not done', async () => {
      const { backend, begun, end } = toBackend({ concurrency: 2, shutdownTimeout: 100 });
      const reasons: unknown[] = [];
      backend.setExecutor('stopped', (_, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return NEVER;
      });
      await backend.initialize();
      await backend.submit(mail(1));
      await backend.submit({ type: 'stopped', n: 2 });
      await backend.submit(mail(3));
      await backend.submit(mail(4), { delay: 60_000 });
      await tick(1);
      const closed = backend.shutdown();
      await tick(99);
      expect(reasons).toEqual([]);
      await tick(2);
      await expect(backend.submit(mail(5))).rejects.toThrow(BackendClosedError);
      expect(reasons).toEqual([{ type: 'shutdown', message: 'the time for a shutdown was up' }]);
      end(1);
      await tick(10_000);

      const { unfinished } = await closed;
      expect(unfinished.map(({ n }) => n).sort()).toEqual([1, 2, 3, 4]);
      expect(begun).toEqual([1]);
      expect(backend.inflight).toBe(0);
      expect(codes()).toContain('RXVISOR_JOBS_UNFINISHED');
    });

    it('should wait for a month if that’s what it’s told, and have what is due in two wait, too', async () => {
      const month = 30 * 86_400_000;
      const { backend, begun } = toBackend({ shutdownTimeout: month });
      await backend.initialize();
      await backend.submit(mail(1), { delay: 2 * month });
      const closed = backend.shutdown();
      await tick(month - 1);
      await backend.submit(mail(2), { delay: month });
      await tick(1);

      const { unfinished } = await closed;
      expect(unfinished.map(({ n }) => n)).toEqual([1, 2]);
      expect(begun).toEqual([]);
    });

    it('should stop its own jobs only, on a runner that it’s given', async () => {
      const runner = toRunner({ grace: 50 });
      void runner.run();
      runner.adopt(() => NEVER, { name: 'other' });
      const backend = new AsyncTaskBackend({ runner, shutdownTimeout: 100 });
      let torn = 0;
      backend.setExecutor(() => new Observable(() => () => torn++));
      await backend.initialize();
      await backend.submit({ type: 'mail', n: 1 });
      await tick(1);
      const closed = backend.shutdown();
      await tick(200);

      expect(await closed).toEqual({ unfinished: [{ type: 'mail', n: 1 }] });
      expect(torn).toBe(1);
      expect(runner.tasks().map(({ name }) => name)).toEqual(['other']);
      await runner.shutdown();
    });

    it('should name a job that doesn’t stop, and not wait for it for ever', async () => {
      const { backend } = toBackend({ shutdownTimeout: 100 });
      await backend.initialize();
      await backend.submit(mail(1));
      await tick(1);
      const closed = backend.shutdown();
      await tick(60_000);

      expect((await closed).unfinished).toEqual([mail(1)]);
    });

    it('should wait for ever if it’s told to', async () => {
      const { backend, end } = toBackend({ shutdownTimeout: Infinity });
      await backend.initialize();
      await backend.submit(mail(1));
      await tick(1);
      const closed = backend.shutdown();
      await tick(10_000_000);
      end(1);

      expect(await closed).toEqual({ unfinished: [] });
    });
  });

  it('should say what was not done when its runner was stopped first', async () => {
    const runner = toRunner();
    void runner.run();
    const { backend, begun } = toBackend({ runner, concurrency: 1 });
    backend.setExecutor(() => NEVER);
    await backend.initialize();
    await backend.submit(mail(1));
    await backend.submit(mail(2));
    await tick(1);
    await runner.shutdown();
    await expect(backend.submit(mail(3))).rejects.toThrow(RunnerStateError);

    expect((await backend.shutdown()).unfinished).toEqual([mail(1), mail(2)]);
    expect(begun).toEqual([]);
  });

  it('should do thousands of jobs that can’t begin any more without a deep stack', async () => {
    const runner = toRunner();
    void runner.run();
    const backend = new AsyncTaskBackend({ runner, concurrency: 1 });
    backend.setExecutor(() => NEVER);
    await backend.initialize();
    for (let n = 0; n < 20_000; n++) void backend.submit(mail(n));
    await tick(1);
    await runner.shutdown();

    expect((await backend.shutdown()).unfinished).toHaveLength(20_000);
  });

  it('should restart by the clock of the runner that it’s given', async () => {
    const clock = new VirtualTimeScheduler();
    const runner = toRunner({ scheduler: clock });
    const told = narrated(runner);
    void runner.run();
    const backend = new AsyncTaskBackend({ runner });
    backend.setExecutor((_, { attempt }) => {
      if (attempt < 2) throw new Error('boom');
    });
    await backend.initialize();
    await backend.submit({ type: 'mail' }, { backoff: constant(3_600_000) });
    await tick(1);
    expect(told('job:mail')).toEqual(['start', 'crash', 'restart']);
    clock.flush();
    await tick(1);

    expect(told('job:mail')).toEqual(['start', 'crash', 'restart', 'start', 'exit']);
    await backend.shutdown();
    await runner.shutdown();
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: 1.5 }, 'concurrency'],
    [{ shutdownTimeout: -1 }, 'shutdownTimeout'],
    [{ runner: {} }, 'runner'],
    [{ limit: 1 }, 'limit'],
  ])('should refuse %j', (options, option) => {
    expect(() => new AsyncTaskBackend(options as never)).toThrow(InvalidOptionError);
    expect(() => new AsyncTaskBackend(options as never)).toThrow(new RegExp(`option "${option}"`));
  });

  it('should refuse an executor that is none', () => {
    const backend = new AsyncTaskBackend();

    expect(() => {
      backend.setExecutor('mail' as never);
    }).toThrow(/option "executor" is 'mail'/);
    expect(() => {
      backend.setExecutor('', () => undefined);
    }).toThrow(/option "type"/);
  });

  it('should not be initialized when it’s shut down', async () => {
    const backend = new AsyncTaskBackend();
    await backend.shutdown();

    await expect(backend.initialize()).rejects.toThrow(BackendClosedError);
  });
});
