import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { config, firstValueFrom, of, subscribeOn } from 'rxjs';
import type { SchedulerAction } from 'rxjs';
import { ThreadScheduler } from '../../src/thread/thread-scheduler.js';
import type { ThreadOptions } from '../../src/thread/options.js';
import { toConsumer } from './outside/support.js';

// Hardly anything here puts a payload on a thread, so none is started.

describe('ThreadScheduler', () => {
  const made: ThreadScheduler[] = [];
  const make = (options?: ThreadOptions) => {
    const scheduler = new ThreadScheduler(options);
    made.push(scheduler);
    return scheduler;
  };
  /** Resolves when a piece of work that is scheduled now has run. */
  const admitted = (scheduler: ThreadScheduler) =>
    new Promise<void>((resolve) => {
      scheduler.schedule(() => {
        resolve();
      });
    });

  afterEach(async () => {
    await Promise.all(made.splice(0).map((each) => each.close()));
  });

  it('should load nothing and start nothing before there is something to run', () => {
    const scheduler = make();

    expect([scheduler.isLoaded, scheduler.threads]).toEqual([false, 0]);
  });

  it('should refuse options that make no sense, by name', () => {
    expect(() => new ThreadScheduler({ size: 0 })).toThrow(/"size"/);
    expect(() => new ThreadScheduler({ sise: 1 } as ThreadOptions)).toThrow(/"sise"/);
  });

  it('should run work with its state, never in the stack of who schedules it', async () => {
    const scheduler = make();
    const states: unknown[] = [];
    for (const state of ['before it is loaded', 'the same']) {
      scheduler.schedule((given) => states.push(given), 0, state);
    }
    expect([states, scheduler.isLoaded]).toEqual([[], true]);
    await admitted(scheduler);
    scheduler.schedule((given) => states.push(given), 0, 'after');
    expect(states).toHaveLength(2);
    await admitted(scheduler);

    expect(states).toEqual(['before it is loaded', 'the same', 'after']);
    expect(scheduler.threads).toBe(0);
  });

  it('should run work again that schedules itself', async () => {
    const scheduler = make();
    const states: number[] = [];
    await new Promise<void>((resolve) => {
      scheduler.schedule(
        function (this: SchedulerAction<number>, state = 0) {
          states.push(state);
          if (state < 3) this.schedule(state + 1);
          else resolve();
        },
        0,
        1,
      );
    });

    expect(states).toEqual([1, 2, 3]);
  });

  it('should not run what was unsubscribed', async () => {
    const scheduler = make();
    const work = jest.fn();
    scheduler.schedule(work).unsubscribe();
    await admitted(scheduler);
    scheduler.schedule(work).unsubscribe();
    await admitted(scheduler);

    expect(work).not.toHaveBeenCalled();
  });

  it('should wait for as long as it’s told to', async () => {
    const scheduler = make();
    const began = scheduler.now();
    await new Promise<void>((resolve) => {
      scheduler.schedule(() => {
        resolve();
      }, 30);
    });

    expect(scheduler.now() - began).toBeGreaterThanOrEqual(28);
  });

  it('should be a scheduler for whatever of RxJS takes one', async () => {
    const value$ = of('a').pipe(subscribeOn(make()));

    await expect(firstValueFrom(value$)).resolves.toBe('a');
  });

  it('should refuse what would have to wait behind too many, before it is loaded and after', async () => {
    const scheduler = make({ size: 1, maxQueue: 1 });
    const full = expect.objectContaining({ code: 'ERR_RXVISOR_QUEUE_FULL' });
    const work = jest.fn();
    scheduler.schedule(work);
    scheduler.schedule(work);
    expect(() => scheduler.schedule(work)).toThrow(full);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(work).toHaveBeenCalledTimes(2);
    scheduler.schedule(work);
    scheduler.schedule(work);

    expect(() => scheduler.schedule(work)).toThrow(full);
  });

  it('should not count what was cancelled before it was loaded', () => {
    const scheduler = make({ size: 1, maxQueue: 0 });
    scheduler.schedule(() => undefined).unsubscribe();

    expect(() => scheduler.schedule(() => undefined)).not.toThrow();
  });

  describe('what it has refused after a delay', () => {
    const { onUnhandledError } = config;
    let surfaced: unknown[];

    beforeEach(() => {
      surfaced = [];
      config.onUnhandledError = (error) => surfaced.push(error);
    });

    afterEach(() => {
      config.onUnhandledError = onUnhandledError;
    });

    it('should surface, and harm nothing else', async () => {
      const scheduler = make({ size: 1, maxQueue: 0 });
      const work = jest.fn();
      scheduler.schedule(work, 5);
      scheduler.schedule(work, 5);
      await new Promise((resolve) => setTimeout(resolve, 100));

      expect(work.mock.calls.length + surfaced.length).toBe(2);
      expect(work).toHaveBeenCalled();
    });
  });

  describe('beside its threads', () => {
    it('should admit what waits for none of them', async () => {
      const scheduler = make({ size: 1, maxQueue: 0 });
      const states: unknown[] = [];
      for (const state of [1, 2, 3]) scheduler.beside.schedule((s) => states.push(s), 0, state);
      expect(states).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      scheduler.beside.schedule((state) => states.push(state), 0, 4);
      await new Promise((resolve) => setTimeout(resolve, 10));

      expect(states).toEqual([1, 2, 3, 4]);
      expect(Math.abs(scheduler.beside.now() - scheduler.now())).toBeLessThan(1_000);
    });
  });

  it('should have no thread for what it has not admitted', () => {
    const { entry, payload } = toConsumer();

    expect(() => {
      make().enter(entry, payload);
    }).toThrow(TypeError);
    expect(() => make().own()).toThrow(TypeError);
  });

  describe('closing', () => {
    it('should be done at once, as often as it’s asked for, and take no more', async () => {
      const scheduler = make();
      await Promise.all([scheduler.close(), scheduler.close()]);
      await scheduler.close();

      expect(() => scheduler.schedule(() => undefined)).toThrow(
        expect.objectContaining({ code: 'ERR_RXVISOR_RUNNER_STATE' }),
      );
      expect(scheduler.threads).toBe(0);
    });

    it('should let what waits find that out, also when it’s asked for before it has been loaded', async () => {
      const scheduler = make();
      const { entry, payload, ends } = toConsumer();
      scheduler.schedule(() => {
        try {
          scheduler.enter(entry, payload);
        } catch (error) {
          entry.error(error);
        }
      });
      await scheduler.close();
      await new Promise((resolve) => setTimeout(resolve, 20));

      // Turned away, or lost with a thread that it had just got.
      expect(ends).toEqual([
        {
          how: 'error',
          error: expect.objectContaining({
            code: expect.stringMatching(/^ERR_RXVISOR_(RUNNER_STATE|WORKER_CRASH)$/),
          }),
        },
      ]);
      expect(scheduler.threads).toBe(0);
    });
  });
});
