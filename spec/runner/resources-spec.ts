import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NEVER, Observable, ignoreElements, interval, throwError, timer } from 'rxjs';
import { Runner, type RunnerFailedError, type TaskContext } from '../../src/index.js';
import { REAL_FLAVOURS, next, observe, turn } from './support.js';

const BOOM = new Error('boom');
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'exit'];

/** All that a process can be held open by, or that could be left behind in it. */
const held = () => ({
  resources: process.getActiveResourcesInfo().sort(),
  listeners: SIGNALS.map((name) => process.listenerCount(name)),
});

describe('a runner', () => {
  it('should hold nothing before run(): no timer, no listener, no handle', () => {
    const before = held();
    const runner = new Runner();
    observe(runner);
    runner.adopt(interval(1), { restart: 'always' }).subscribe();
    runner.execute(NEVER).subscribe({ error: () => undefined });
    runner.iterate(NEVER);
    expect(held()).toEqual(before);
    void runner.shutdown();
    expect(held()).toEqual(before);
  });

  it('should keep the process alive with one handle while it runs (PITFALLS A24), and none in the tick after `down`', () => {
    const before = held();
    const runner = new Runner();
    runner.adopt(NEVER);
    void runner.run();
    const running = held();
    expect(running.resources).toHaveLength(before.resources.length + 1);
    expect(running.listeners).toEqual(before.listeners);
    void runner.shutdown();
    expect(runner.state).toBe('stopped');
    expect(held()).toEqual(before);
  });

  it('should listen to signals when asked to, for as long as it runs, and to no others (PITFALLS C21)', async () => {
    const before = held();
    const runner = new Runner();
    const ran = runner.run({ signals: true });
    expect(held().listeners).toEqual(before.listeners.map((count, n) => count + (n < 2 ? 1 : 0)));
    void runner.shutdown();
    expect(held()).toEqual(before);
    await ran;
  });

  it('should take its listeners off after a failure, too', async () => {
    const before = held();
    const runner = new Runner();
    const { signal } = new AbortController();
    runner.adopt(throwError(() => BOOM));
    await runner.run({ signals: true, signal }).catch(() => undefined);
    expect(held().listeners).toEqual(before.listeners);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it("should leave no listener on the caller's signal, aborted or not", async () => {
    for (const aborting of [true, false]) {
      const controller = new AbortController();
      const runner = new Runner();
      const ran = runner.run({ signal: controller.signal });
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
      if (aborting) controller.abort();
      else void runner.shutdown();
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      await ran;
    }
  });

  it('should never listen to a signal that has aborted, nor to any after it has been shut down by an observer of `up`', async () => {
    const before = held();
    const { signal } = new AbortController();
    const runner = new Runner();
    runner.events$.subscribe(({ type }) => {
      if (type === 'up') void runner.shutdown();
    });
    await runner.run({ signals: true, signal });
    expect(held().listeners).toEqual(before.listeners);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  describe('under fake timers', () => {
    beforeEach(async () => {
      // A slice of real time that is under way would let the real event loop turn once more.
      await turn();
      jest.useFakeTimers();
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('should have armed no timer that is left when it has stopped', async () => {
      const runner = new Runner();
      const events = observe(runner);
      for (let n = 0; n < 50; n++) {
        runner.adopt(
          throwError(() => BOOM),
          { restart: 'on-failure', backoff: (k) => k * (n + 1) * 10 },
        );
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => Promise.resolve());
            return timer(n).pipe(ignoreElements());
          },
          { restart: 'always' },
        );
      }
      expect(jest.getTimerCount()).toBe(0);
      const ran = runner.run();
      await jest.advanceTimersByTimeAsync(500);
      expect(jest.getTimerCount()).toBeGreaterThan(0);
      void runner.shutdown();
      await jest.advanceTimersByTimeAsync(0);
      await ran;
      expect(events.at(-1)?.type).toBe('down');
      expect(jest.getTimerCount()).toBe(0);
    });

    it('should run on them: delays, grace and timeouts', async () => {
      const runner = new Runner({ grace: 300, shutdownTimeout: 100 });
      const events = observe(runner);
      const began = Date.now();
      runner.adopt(
        async ({ attempt }) => {
          await Promise.resolve();
          if (attempt < 3) throw BOOM;
          await new Promise(() => undefined);
        },
        { name: 'a', restart: 'on-failure' },
      );
      const ran = runner.run().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(5_000);
      void runner.shutdown();
      await jest.advanceTimersByTimeAsync(100);
      expect(((await ran) as RunnerFailedError).report.stragglers).toHaveLength(1);
      const times = events.map(({ type, at }) => `${at - began} ${type}`);
      expect(times).toEqual([
        '0 up',
        '0 start',
        '0 crash',
        '0 restart',
        '1000 start',
        '1000 crash',
        '1000 restart',
        '3000 start',
        '5000 shutdown',
        '5000 stopping',
        '5100 overdue',
        '5100 exit',
        '5100 down',
      ]);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});

describe.each(REAL_FLAVOURS)('under load, on $name', ({ flavour }) => {
  it('should neither overflow the stack nor starve a timer or a stop in 100,000 immediate crashes (PITFALLS A4, A17, B2)', async () => {
    // On a macrotask each, a hundred thousand take minutes with RxJS's own timers (PITFALLS A23).
    const crashes = flavour.name === 'async' ? 300 : 100_000;
    const runner = new Runner();
    let attempts = 0;
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    const source$ = new Observable<never>((subscriber) => {
      attempts++;
      if (attempts < crashes) subscriber.error(BOOM);
      else subscriber.complete();
    });
    runner.adopt(source$, { name: 'a', flavour, restart: 'on-failure', backoff: () => 0 });
    const report = await runner.run({ until: 'idle' });
    clearInterval(ticking);
    expect(attempts).toBe(crashes);
    expect(report).toMatchObject({ failures: [], counts: { completed: 1 } });
    expect(ticks).toBeGreaterThan(5);
  }, 60_000);

  it('should serve a stop that a timer asks for in the middle of a storm', async () => {
    const runner = new Runner();
    const task$ = runner.adopt(
      throwError(() => BOOM),
      { flavour, restart: 'on-failure', backoff: () => 0 },
    );
    const ran = runner.run();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await task$.stop();
    expect(runner.tasks()).toEqual([]);
    await runner.shutdown();
    await ran;
  }, 20_000);

  it('should start every task of a large burst, in order', async () => {
    await using runner = new Runner();
    const started: number[] = [];
    for (let n = 0; n < 10_000; n++) {
      runner.adopt(
        () => {
          started.push(n);
        },
        { flavour },
      );
    }
    await runner.run({ until: 'idle' });
    expect(started).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  }, 60_000);
});

describe('memory', () => {
  /** Heap in use, after what can be collected has been. */
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const heap = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };

  it('should be bounded over 100,000 tasks that come and go (PITFALLS D12)', async () => {
    await using runner = new Runner();
    void runner.run();
    const round = async () => {
      for (let n = 0; n < 10_000; n++) {
        runner.adopt(() => undefined, { name: n % 2 ? `task ${n}` : undefined } as never);
      }
      const { id } = runner.tasks().at(-1)!;
      while (runner.tasks().some((task) => task.id === id)) await turn();
    };
    await round();
    const before = heap();
    for (let n = 0; n < 10; n++) await round();
    expect(runner.tasks()).toEqual([]);
    // 100,000 that were kept would be tens of megabytes.
    expect(heap() - before).toBeLessThan(5_000_000);
  }, 60_000);

  it('should be bounded over 100,000 restarts of one task, in its history too', async () => {
    const runner = new Runner();
    let attempts = 0;
    const big = () => Object.assign(new Error('boom'), { ballast: new Array(100).fill(attempts) });
    runner.adopt(
      ({ onTeardown }) => {
        onTeardown(() => undefined);
        if (++attempts <= 100_000) throw big();
      },
      { restart: 'on-failure', backoff: () => 0 },
    );
    const before = heap();
    await runner.run({ until: 'idle' });
    expect(attempts).toBe(100_001);
    // 100,000 errors kept would be more than 100 MB.
    expect(heap() - before).toBeLessThan(5_000_000);
  }, 60_000);

  it('should forget the children of an attempt, and the executions of a task, when they have ended', async () => {
    await using runner = new Runner();
    let context!: TaskContext;
    runner.adopt((given) => {
      context = given;
      return NEVER;
    });
    void runner.run();
    await next(runner, 'start');
    const weak: WeakRef<object>[] = [];
    await (async () => {
      for (let n = 0; n < 10; n++) {
        const payload = new Observable<never>((subscriber) => {
          subscriber.complete();
        });
        weak.push(new WeakRef(payload));
        context.adopt(payload);
        context.execute(payload).subscribe();
      }
      // More than one when the machine is busy: the fair queue yields.
      while (runner.tasks().length > 1) await turn();
    })();
    expect(runner.tasks()).toHaveLength(1);
    gc();
    expect(weak.filter((ref) => ref.deref())).toEqual([]);
  });
});
