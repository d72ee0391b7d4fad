import { execFile } from 'node:child_process';
import { stat } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type SchedulerAction,
  type SchedulerLike,
  Subscription,
  asapScheduler,
  asyncScheduler,
  config,
  interval,
  lastValueFrom,
  observeOn,
  of,
  range,
  scheduled,
  subscribeOn,
  take,
  tap,
  timer,
  toArray,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { AsapScheduler, asap } from '../../src/schedulers/asap-scheduler.js';

/** Resolves in a later turn of the event loop: the first immediate may still be in this one. */
const nextTurn = () =>
  new Promise<void>((resolve) =>
    setImmediate(() =>
      setImmediate(() => {
        resolve();
      }),
    ),
  );
const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** Resolves when all that is queued now has run, slices or not. */
const drained = () =>
  new Promise<void>((resolve) =>
    asap.schedule(() => {
      resolve();
    }),
  );

describe('AsapScheduler', () => {
  describe('when', () => {
    it('should run nothing in the caller’s stack', async () => {
      const seen: string[] = [];

      asap.schedule(() => seen.push('work'));
      seen.push('after schedule');
      expect(seen).toEqual(['after schedule']);

      await drained();
      expect(seen).toEqual(['after schedule', 'work']);
    });

    it('should run nothing in the caller’s stack while it is running something', async () => {
      const seen: string[] = [];

      asap.schedule(() => {
        asap.schedule(() => seen.push('inner'));
        seen.push('outer');
      });

      await drained();
      expect(seen).toEqual(['outer', 'inner']);
    });

    it('should run as a microtask, before timers and I/O', async () => {
      const seen: string[] = [];
      await nextTurn();

      const over = Promise.all([
        new Promise<void>((resolve) => {
          setTimeout(() => {
            seen.push('timer');
            resolve();
          }, 0);
        }),
        new Promise<void>((resolve) => {
          setImmediate(() => {
            seen.push('immediate');
            resolve();
          });
        }),
      ]);
      asap.schedule(() => seen.push('work'));
      await over;

      expect(seen[0]).toBe('work');
      expect(seen).toHaveLength(3);
    });

    it('should run in the order in which it was scheduled', async () => {
      const seen: number[] = [];

      for (let i = 0; i < 1_000; i++) asap.schedule(() => seen.push(i));
      await drained();

      expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    });

    it('should run what is scheduled meanwhile after all that waits', async () => {
      const seen: string[] = [];

      asap.schedule(() => {
        seen.push('a');
        asap.schedule(() => seen.push('c'));
      });
      asap.schedule(() => seen.push('b'));
      await drained();

      expect(seen).toEqual(['a', 'b', 'c']);
    });

    it('should keep the order of actions that schedule one another tens of thousands of times', async () => {
      const seen: number[] = [];
      const step = (i: number) => {
        seen.push(i);
        if (i + 3 < 30_000) asap.schedule(() => step(i + 3));
      };

      for (const first of [0, 1, 2]) asap.schedule(() => step(first));
      while (seen.length < 30_000) await nextTurn();

      expect(seen.every((value, i) => value === i)).toBe(true);
    });

    it('should go on with what is scheduled after it has run dry', async () => {
      const seen: number[] = [];

      for (let round = 0; round < 3; round++) {
        asap.schedule(() => seen.push(round));
        await drained();
      }

      expect(seen).toEqual([0, 1, 2]);
    });

    it('should tell the time of asapScheduler', () => {
      expect(Math.abs(asap.now() - asapScheduler.now())).toBeLessThan(1_000);
      expect(Math.abs(asap.now() - Date.now())).toBeLessThan(1_000);
    });

    it('should have read the clock for each action that it runs', async () => {
      jest.useFakeTimers();
      try {
        const seen: number[] = [];
        for (let i = 0; i < 3; i++) {
          asap.schedule(() => {
            seen.push(asap.clock - Date.now());
            jest.advanceTimersByTime(1_000);
          });
        }
        await drained();

        expect(seen).toEqual([0, 0, 0]);
      } finally {
        jest.useRealTimers();
      }
    });

    it('should call back when the event loop has turned, before a timer is even due', async () => {
      const seen: string[] = [];
      await nextTurn();

      await new Promise<void>((resolve) => {
        setTimeout(() => {
          seen.push('timer');
          resolve();
        }, 50);
        asap.afterTurn(() => seen.push('turned'));
        seen.push('now');
      });

      expect(seen).toEqual(['now', 'turned', 'timer']);
    });

    it('should hold no timer of its own', async () => {
      jest.useFakeTimers();
      try {
        asap.schedule(() => undefined);
        await Promise.resolve();
        await Promise.resolve();

        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });
  });

  describe('an action', () => {
    it('should be given its state, and itself as `this`', async () => {
      const seen: unknown[] = [];

      const action = asap.schedule(
        function (this: SchedulerAction<string>, state?: string) {
          seen.push(this, state);
        },
        0,
        'state',
      );
      await drained();

      expect(seen).toEqual([action, 'state']);
      expect(action).toBeInstanceOf(Subscription);
    });

    it('should not run once it is unsubscribed', async () => {
      const work = jest.fn();

      asap.schedule(work).unsubscribe();
      await drained();

      expect(work).not.toHaveBeenCalled();
    });

    it('should not run when one before it unsubscribes it', async () => {
      const seen: string[] = [];

      asap.schedule(() => {
        seen.push('a');
        b.unsubscribe();
      });
      const b = asap.schedule(() => seen.push('b'));
      asap.schedule(() => seen.push('c'));
      await drained();

      expect(seen).toEqual(['a', 'c']);
    });

    it('should run its teardown when it is unsubscribed', () => {
      const teardown = jest.fn();
      const action = asap.schedule(() => undefined);

      action.add(teardown);
      action.unsubscribe();
      action.unsubscribe();

      expect(teardown).toHaveBeenCalledTimes(1);
    });

    it('should run again when it schedules itself', async () => {
      const seen: number[] = [];

      asap.schedule(
        function (this: SchedulerAction<number>, n = 0) {
          seen.push(n);
          if (n < 3) this.schedule(n + 1);
        },
        0,
        0,
      );
      await drained();

      expect(seen).toEqual([0, 1, 2, 3]);
    });

    it('should not run again when it schedules itself after it was unsubscribed', async () => {
      const work = jest.fn(function (this: SchedulerAction<void>) {
        this.unsubscribe();
        this.schedule();
      });

      asap.schedule(work);
      await drained();

      expect(work).toHaveBeenCalledTimes(1);
    });

    // The oracle: what RxJS's own schedulers do.
    it.each<[string, SchedulerLike]>([
      ['asap', asap],
      ['asapScheduler', asapScheduler],
      ['asyncScheduler', asyncScheduler],
    ])(
      'should be pending once, with the last state, when scheduled twice: %s',
      async (_name, on) => {
        const seen: unknown[] = [];
        const push = (state?: string) => seen.push(state);

        const action = on.schedule(push, 0, 'a') as SchedulerAction<string>;
        action.schedule('b');
        await later(20);

        expect(seen).toEqual(['b']);
      },
    );

    it('should keep its turn when it is scheduled twice and schedules itself', async () => {
      const seen: string[] = [];

      const action = asap.schedule(function (this: SchedulerAction<void>) {
        seen.push('a');
        if (seen.length === 1) this.schedule();
      }) as SchedulerAction<void>;
      action.schedule();
      asap.schedule(() => seen.push('b'));
      await drained();
      await drained();

      expect(seen).toEqual(['a', 'b', 'a']);
    });

    it('should arm no timer once it is unsubscribed', () => {
      jest.useFakeTimers();
      try {
        const action = asap.schedule(() => undefined) as SchedulerAction<void>;
        action.unsubscribe();
        action.schedule(undefined, 1_000);

        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });

    it('should replace a delay by no delay, and no delay by a delay', async () => {
      jest.useFakeTimers();
      try {
        const seen: unknown[] = [];
        const push = (state?: string) => seen.push(state);

        const sooner = asap.schedule(push, 100, 'late') as SchedulerAction<string>;
        sooner.schedule('at once');
        const later = asap.schedule(push, 0, 'at once, no') as SchedulerAction<string>;
        later.schedule('late', 50);

        await drained();
        await jest.advanceTimersByTimeAsync(49);
        expect(seen).toEqual(['at once']);
        await jest.advanceTimersByTimeAsync(1_000);
        expect(seen).toEqual(['at once', 'late']);
        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });

    it('should hold nothing of its past rounds when it schedules itself with a delay', async () => {
      jest.useFakeTimers();
      try {
        const schedule = jest.spyOn(asyncScheduler, 'schedule');
        const subscription = interval(1, asap).subscribe();

        await jest.advanceTimersByTimeAsync(100);
        const timers = schedule.mock.results.map(({ value }) => value as Subscription);
        schedule.mockRestore();
        const remove = jest.fn();
        for (const each of timers) each.add(remove);
        subscription.unsubscribe();

        // All but the one that was waiting had been let go of before.
        expect(timers.length).toBeGreaterThanOrEqual(100);
        expect(timers.filter(({ closed }) => !closed)).toEqual([]);
        expect(jest.getTimerCount()).toBe(0);
      } finally {
        jest.useRealTimers();
      }
    });
  });

  describe('a delay', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('should be a timer, not shorter and not longer', () => {
      const work = jest.fn();

      asap.schedule(work, 1_000);
      jest.advanceTimersByTime(999);
      expect(work).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(work).toHaveBeenCalledTimes(1);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('should leave no timer when the action is unsubscribed', () => {
      const work = jest.fn();

      const action = asap.schedule(work, 1_000);
      expect(jest.getTimerCount()).toBe(1);
      action.unsubscribe();
      expect(jest.getTimerCount()).toBe(0);
      jest.advanceTimersByTime(2_000);

      expect(work).not.toHaveBeenCalled();
    });

    it.each([-1, -Infinity, NaN])('should be none when it is %d', async (delay) => {
      const work = jest.fn();

      asap.schedule(work, delay);
      expect(jest.getTimerCount()).toBe(0);
      expect(work).not.toHaveBeenCalled();
      await drained();

      expect(work).toHaveBeenCalledTimes(1);
    });

    it('should be taken by an action that schedules itself', () => {
      const seen: number[] = [];

      asap.schedule(function (this: SchedulerAction<void>) {
        seen.push(Date.now());
        if (seen.length < 3) this.schedule(undefined, 10);
      }, 10);
      const began = Date.now();
      jest.advanceTimersByTime(100);

      expect(seen.map((at) => at - began)).toEqual([10, 20, 30]);
    });
  });

  describe('linear (PITFALLS A16)', () => {
    /** CPU time in ms: what others do on this machine doesn't count. */
    const spent = async (work: () => unknown) => {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };

    const leastOf = async (times: number, measure: () => Promise<number>) => {
      const all: number[] = [];
      for (let i = 0; i < times; i++) all.push(await measure());
      return Math.max(1, Math.min(...all));
    };

    const run = (count: number) =>
      spent(async () => {
        for (let i = 0; i < count; i++) asap.schedule(() => undefined);
        await drained();
      });

    const cancel = async (count: number) => {
      const work = jest.fn();
      const actions = Array.from({ length: count }, () => asap.schedule(work));
      const time = await spent(() => {
        for (const action of actions) action.unsubscribe();
      });
      await drained();
      expect(work).not.toHaveBeenCalled();
      return time;
    };

    it.each([
      ['waiting', run],
      ['cancelled', cancel],
    ])(
      'should take time in proportion to the number of %s actions',
      async (_title, measure) => {
        await measure(10_000);

        const few = await leastOf(3, () => measure(10_000));
        const many = await leastOf(3, () => measure(200_000));

        // In proportion is 20 times; asapScheduler, which goes with the square, 400 times.
        expect(many / few).toBeLessThan(200);
      },
      120_000,
    );

    it('should not mind a million waiting actions', async () => {
      // asapScheduler: 26 s for a quarter of that.
      expect(await run(1_000_000)).toBeLessThan(30_000);
    }, 120_000);
  });

  describe('fenced (PITFALLS A15)', () => {
    const surfaced: unknown[] = [];
    const before = config.onUnhandledError;

    beforeEach(() => {
      surfaced.length = 0;
      config.onUnhandledError = (error) => surfaced.push(error);
    });

    /** Errors surface on a later tick: a timer of RxJS, so before a later timer of ours. */
    const settled = async () => {
      await drained();
      await later(5);
    };

    afterEach(() => {
      config.onUnhandledError = before;
    });

    it('should drop no other action when one throws, and let its error surface', async () => {
      const seen: string[] = [];
      const error = new Error('in work');

      asap.schedule(() => seen.push('before'));
      const action = asap.schedule(() => {
        throw error;
      });
      asap.schedule(() => seen.push('after'));
      await settled();

      expect(seen).toEqual(['before', 'after']);
      expect(surfaced).toEqual([error]);
      expect(surfaced[0]).toBe(error);
      expect(action.closed).toBe(true);
    });

    it('should let the error of each throwing action surface', async () => {
      for (let i = 0; i < 3; i++) {
        asap.schedule(() => {
          throw i === 1 ? undefined : i;
        });
      }
      await settled();

      expect(surfaced).toEqual([0, undefined, 2]);
    });

    it('should do the same for an action with a delay', async () => {
      const seen: string[] = [];
      const error = new Error('in delayed work');

      asap.schedule(() => {
        throw error;
      }, 1);
      await new Promise<void>((resolve) => {
        asap.schedule(() => {
          seen.push('after');
          resolve();
        }, 1);
      });
      await settled();

      expect(seen).toEqual(['after']);
      expect(surfaced).toEqual([error]);
    });

    it('should not run an action again that scheduled itself and threw', async () => {
      let runs = 0;

      asap.schedule(function (this: SchedulerAction<void>) {
        // Only so often: a starved test must end.
        if (++runs < 1_000) this.schedule();
        throw new Error('after schedule');
      });
      await settled();

      expect(runs).toBe(1);
      expect(surfaced).toHaveLength(1);
    });

    it('should end as an uncaughtException when nobody has a hook for unhandled errors', async () => {
      const child = `
        import { flavours } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
        const asap = flavours.asap.scheduler;
        process.on('uncaughtException', (error) => console.log('uncaught ' + error.message));
        asap.schedule(() => { throw new Error('boom'); });
        asap.schedule(() => console.log('after'));
      `;

      expect(await lines(child)).toEqual(['after', 'uncaught boom']);
    });

    it('should be armed anew when RxJS unsubscribes the rest of its batch', async () => {
      const { actions } = asapScheduler as unknown as { actions: readonly Subscription[] };
      const seen: string[] = [];
      await nextTurn();
      asap.schedule(() => seen.push('ours'));

      // As its flush does when an action has thrown.
      const [ours] = actions.slice(-1);
      ours!.unsubscribe();
      expect(ours!.closed).toBe(true);
      await drained();

      expect(seen).toEqual(['ours']);
    });

    it('should survive a throwing asapScheduler action of somebody else in the same batch', async () => {
      // That rejects a promise deep inside RxJS, which is why it has a process of its own.
      const child = `
        import { flavours } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
        const asap = flavours.asap.scheduler;
        import { asapScheduler } from ${JSON.stringify(import.meta.resolve('rxjs'))};
        process.on('unhandledRejection', (error) => console.log('unhandled ' + error.message));
        asapScheduler.schedule(() => { throw new Error('foreign'); });
        asapScheduler.schedule(() => console.log('lost by RxJS'));
        asap.schedule(() => console.log('ours 1'));
        asap.schedule(() => console.log('ours 2'));
        setTimeout(() => asap.schedule(() => console.log('ours 3')), 5);
      `;

      expect(await lines(child)).toEqual(
        ['ours 1', 'ours 2', 'unhandled foreign', 'ours 3'].sort(),
      );
    });
  });

  describe('fair (PITFALLS A17, I45)', () => {
    const GIVE_UP = 10_000;

    /** Runs until told to stop, or until it's plain that the event loop is starved: a starved test must end. */
    const untilFair = async (begin: (go: () => boolean) => void) => {
      const deadline = performance.now() + GIVE_UP;
      const turns = { timer: 0, io: 0, work: 0, workByThen: 0 };
      const isOver = () => (turns.timer >= 5 && turns.io >= 5) || performance.now() > deadline;
      const go = () => {
        turns.work++;
        return !isOver();
      };
      const done = new Promise<void>((resolve) => {
        const tick = () => {
          turns.timer++;
          turns.workByThen = turns.work;
          if (isOver()) resolve();
          else setTimeout(tick, 1);
        };
        setTimeout(tick, 1);
        const look = () => {
          stat('.', () => {
            turns.io++;
            if (!isOver()) look();
          });
        };
        look();
      });
      const began = performance.now();
      begin(go);
      await done;
      return { ...turns, spent: performance.now() - began };
    };

    it('should let timers and I/O in between actions that schedule themselves', async () => {
      const turns = await untilFair((go) => {
        asap.schedule(function (this: SchedulerAction<void>) {
          if (go()) this.schedule();
        });
      });

      expect(turns.spent).toBeLessThan(GIVE_UP);
      expect(turns.workByThen).toBeGreaterThan(0);
    }, 30_000);

    it('should let them in between actions that schedule new ones', async () => {
      const turns = await untilFair((go) => {
        const again = () => {
          if (go()) asap.schedule(again);
        };
        for (let i = 0; i < 10; i++) asap.schedule(again);
      });

      expect(turns.spent).toBeLessThan(GIVE_UP);
    }, 30_000);

    it('should let them in between actions that are a promise apart, a flush each', async () => {
      const turns = await untilFair((go) => {
        const again = () => {
          if (go()) void Promise.resolve().then(() => asap.schedule(again));
        };
        asap.schedule(again);
      });

      expect(turns.spent).toBeLessThan(GIVE_UP);
    }, 30_000);

    it('should let them in between the actions of a long queue', async () => {
      let fired = Infinity;
      let ran = 0;
      const burn = () => {
        ran++;
        const until = performance.now() + 0.1;
        while (performance.now() < until);
      };

      for (let i = 0; i < 3_000; i++) asap.schedule(burn);
      setTimeout(() => (fired = ran), 1);
      while (ran < 3_000) await later(1);

      // 0.3 s of work; a slice is 5 ms of it, some 50 actions. Ten slices would be 500.
      expect(fired).toBeLessThan(1_500);
    }, 30_000);

    it('should say to others who go on as microtasks when the slice is over', async () => {
      const scheduler = new AsapScheduler();
      await nextTurn();
      const began = performance.now();

      expect(scheduler.isSliceOver()).toBe(false);
      while (!scheduler.isSliceOver()) if (performance.now() - began > GIVE_UP) break;

      expect(performance.now() - began).toBeGreaterThanOrEqual(3);
      expect(performance.now() - began).toBeLessThan(GIVE_UP);
    }, 30_000);

    it('should keep the order across slices', async () => {
      const seen: number[] = [];
      for (let i = 0; i < 300; i++) {
        asap.schedule(() => {
          seen.push(i);
          const until = performance.now() + 0.2;
          while (performance.now() < until);
        });
      }
      while (seen.length < 300) await later(1);

      expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i));
    }, 30_000);
  });

  describe('wherever RxJS takes a scheduler', () => {
    it('should do for observeOn, subscribeOn, scheduled and timer', async () => {
      const all$ = [
        of(1, 2, 3).pipe(observeOn(asap)),
        of(1, 2, 3).pipe(subscribeOn(asap)),
        scheduled([1, 2, 3], asap),
        range(1, 3).pipe(observeOn(asap), observeOn(asap)),
      ];

      for (const each$ of all$) {
        const seen: number[] = [];
        const over = lastValueFrom(each$.pipe(toArray()));
        each$.subscribe((value) => seen.push(value));
        expect(seen).toEqual([]);
        await expect(over).resolves.toEqual([1, 2, 3]);
        await drained();
        expect(seen).toEqual([1, 2, 3]);
      }
      await expect(lastValueFrom(timer(0, asap))).resolves.toBe(0);
      await expect(lastValueFrom(timer(5, asap))).resolves.toBe(0);
    });

    it('should do for interval', async () => {
      await expect(lastValueFrom(interval(1, asap).pipe(take(3), toArray()))).resolves.toEqual([
        0, 1, 2,
      ]);
    });

    it('should let observeOn be unsubscribed half-way', async () => {
      const seen: number[] = [];
      const subscription = range(1, 1_000)
        .pipe(observeOn(asap))
        .subscribe((value) => {
          seen.push(value);
          if (value === 3) subscription.unsubscribe();
        });
      await drained();

      expect(seen).toEqual([1, 2, 3]);
    });
  });

  describe('under TestScheduler.run (PITFALLS A18)', () => {
    const rxTest = () =>
      new TestScheduler((actual, expected) => {
        expect(actual).toEqual(expected);
      });

    it('should be virtual', () => {
      rxTest().run(({ cold, expectObservable }) => {
        expectObservable(cold('-a-b|').pipe(observeOn(asap))).toBe('-a-b|');
        expectObservable(cold('-a-b|').pipe(subscribeOn(asap))).toBe('-a-b|');
        expectObservable(timer(3, asap)).toBe('---(a|)', { a: 0 });
        expectObservable(interval(2, asap).pipe(take(3))).toBe('--a-b-(c|)', { a: 0, b: 1, c: 2 });
        expectObservable(scheduled(['a', 'b'], asap)).toBe('(ab|)');
      });
    });

    it('should tell virtual time', () => {
      const seen: number[] = [];
      rxTest().run(() => {
        asap.schedule(() => seen.push(asap.now()));
        asap.schedule(() => seen.push(asap.now()), 1_000);
      });

      expect(seen).toEqual([0, 1_000]);
    });

    it('should not let real time pass for a slice: one frame is one frame', () => {
      rxTest().run(({ expectObservable }) => {
        // Longer than a slice, each time.
        const burn = () => {
          const until = performance.now() + 8;
          while (performance.now() < until);
        };
        const slow$ = range(0, 5).pipe(observeOn(asap), tap(burn), observeOn(asap), tap(burn));
        expectObservable(slow$).toBe('(abcde|)', { a: 0, b: 1, c: 2, d: 3, e: 4 });
      });
    });

    it('should be real again afterwards', async () => {
      rxTest().run(() => {
        asap.schedule(() => undefined);
      });
      const work = jest.fn();

      asap.schedule(work);
      expect(work).not.toHaveBeenCalled();
      await drained();

      expect(work).toHaveBeenCalledTimes(1);
    });
  });

  describe('under fake timers', () => {
    beforeEach(async () => {
      // In a turn of the event loop of its own, in which there is no reason to yield.
      await nextTurn();
      jest.useFakeTimers();
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('should run work as a microtask, with no timer advanced', async () => {
      const work = jest.fn();

      asap.schedule(work);
      await Promise.resolve();
      await Promise.resolve();

      expect(work).toHaveBeenCalledTimes(1);
    });

    it('should still do so when the fake clock has been advanced far beyond a slice', async () => {
      const work = jest.fn();

      for (let i = 0; i < 5; i++) {
        asap.schedule(work);
        jest.advanceTimersByTime(1_000);
        await Promise.resolve();
        await Promise.resolve();
      }

      expect(work).toHaveBeenCalledTimes(5);
    });

    it('should still do so when the work takes longer than a slice', async () => {
      let ran = 0;
      for (let i = 0; i < 5; i++) {
        asap.schedule(() => {
          ran++;
          const until = performance.now() + 8;
          while (performance.now() < until);
        });
      }
      await jest.advanceTimersByTimeAsync(10);

      expect(ran).toBe(5);
    });
  });
});

/** Runs a module in a process of its own; what it printed, sorted: the order of errors is Node's. */
async function lines(source: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', source],
    { timeout: 20_000 },
  );
  return stdout.trim().split('\n').sort();
}
