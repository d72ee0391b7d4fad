import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  BehaviorSubject,
  EMPTY,
  NEVER,
  Observable,
  type Observer,
  Subject,
  asyncScheduler,
  concat,
  observable,
  of,
  throwError,
  timer,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { InvalidOptionError, RunnerFailedError } from '../../src/errors.js';
import { group } from '../../src/group/group.js';
import type { MemberSpec } from '../../src/group/plan.js';
import { type RunGroupOptions, runGroup } from '../../src/group/run-group.js';
import type { Report } from '../../src/report.js';
import type { TaskContext } from '../../src/task/shapes.js';
import { BOOM, completes, crashes, hangs, inTurn, tearsDown } from './support.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const listeners = () => SIGNALS.map((signal) => process.listenerCount(signal));

/** A group hosted in virtual time, and what was seen of it. */
interface Hosted {
  /** `5 start a 1`, `7 end a 1`, in order. */
  readonly log: string[];
  /** Does something at a time, in ms. */
  at(time: number, work: () => void): void;
  /** A member that logs its starts and ends. */
  member(name: string, payload?: MemberSpec['payload']): MemberSpec;
}

/** Hosts a group in virtual time; resolves with the report or with what it rejects with. */
async function hosted(
  script: (world: Hosted) => Promise<Report>,
): Promise<{ end: unknown; log: string[] }> {
  const log: string[] = [];
  const clock = new TestScheduler(() => undefined);
  const ran = clock.run(({ flush }) => {
    const say = (what: string, { name, attempt }: TaskContext) =>
      log.push(`${asyncScheduler.now()} ${what} ${name} ${attempt}`);
    const world: Hosted = {
      log,
      at: (time, work) => {
        asyncScheduler.schedule(work, time);
      },
      member: (name, payload = NEVER) => ({
        name,
        payload: (context: TaskContext) => {
          say('start', context);
          context.onTeardown(() => say('end', context));
          return typeof payload === 'function' ? payload(context) : payload;
        },
      }),
    };
    const running = script(world).catch((error: unknown) => error);
    flush();
    return running;
  });
  return { end: await ran, log };
}

describe('runGroup', () => {
  const before = listeners();

  afterEach(() => {
    // Whatever it was: nobody listens any more.
    expect(listeners()).toEqual(before);
  });

  describe('ends', () => {
    it('should resolve with the report when every member has ended', async () => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([
          member('a', completes(5)),
          { ...member('b', crashes(7)), restart: 'never' },
          member('c', () => undefined),
        ]),
      );
      expect(log).toEqual([
        '0 start a 1',
        '0 start b 1',
        '0 start c 1',
        '0 end c 1',
        '5 end a 1',
        '7 end b 1',
      ]);
      expect(end).toEqual({
        reason: { type: 'idle' },
        failures: [],
        tolerated: [{ task: 'b', error: BOOM }],
        stragglers: [],
        counts: { completed: 3, stopped: 0, failed: 1 },
        uptime: 7,
      });
    });

    it('should resolve when stop$ emits, with the members stopped in reverse', async () => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([member('a', tearsDown(10)), member('b')], { stop$: timer(5) }),
      );
      expect(log).toEqual(['0 start a 1', '0 start b 1', '5 end b 1', '15 end a 1']);
      expect(end).toMatchObject({
        reason: { type: 'stop' },
        failures: [],
        counts: { completed: 0, stopped: 3, failed: 0 },
      });
    });

    it.each([
      ['of(1)', of(1)],
      ['a BehaviorSubject', new BehaviorSubject(undefined)],
      ['undefined, and is endless', concat(of(undefined), NEVER)],
    ])('should start nobody when stop$ emits at once (%s)', async (_, stop$) => {
      const { end, log } = await hosted(({ member }) => runGroup([member('a')], { stop$ }));
      expect(log).toEqual([]);
      expect(end).toMatchObject({ reason: { type: 'stop' }, counts: { stopped: 1 } });
    });

    it('should go on when stop$ completes without a value', async () => {
      const { end } = await hosted(({ member }) =>
        runGroup([member('a', completes(5))], { stop$: EMPTY }),
      );
      expect(end).toMatchObject({ reason: { type: 'idle' }, uptime: 5 });
    });

    it.each([
      ['later', crashes(5), ['0 start a 1', '5 end a 1']],
      ['at once', throwError(() => BOOM), []],
    ])(
      'should reject with what stop$ errors with %s, when all has stopped',
      async (_, stop$, seen) => {
        const { end, log } = await hosted(({ member }) => runGroup([member('a')], { stop$ }));
        expect(end).toBe(BOOM);
        expect(log).toEqual(seen);
      },
    );

    it('should reject when stop$ errors with undefined (PITFALLS A12)', async () => {
      const stop$ = throwError(() => undefined);
      const rejected = jest.fn();
      await runGroup([{ name: 'a', payload: NEVER }], { stop$ }).catch(rejected);
      expect(rejected.mock.calls).toEqual([[undefined]]);
    });

    it('should keep the error of stop$ as the reason when members fail besides', async () => {
      const { end } = await hosted(({ member }) => {
        const failing = member('a', ({ onTeardown }) => {
          onTeardown(() => {
            throw new Error('torn');
          });
          return NEVER;
        });
        return runGroup([failing], { stop$: crashes(5) });
      });
      expect(end).toBeInstanceOf(RunnerFailedError);
      const { failures, report } = end as RunnerFailedError;
      expect(failures).toEqual([{ task: 'a', error: new Error('torn') }]);
      expect(report.reason).toEqual({ type: 'failure', cause: BOOM });
    });

    it('should hear the first emission of stop$ and nothing after it', async () => {
      const unsubscribed = jest.fn();
      const stop$ = new Observable<void>((subscriber) => {
        asyncScheduler.schedule(() => {
          subscriber.next();
          subscriber.error(BOOM);
        }, 5);
        return unsubscribed;
      });
      const { end } = await hosted(({ member }) =>
        runGroup([member('a', tearsDown(5))], { stop$ }),
      );
      expect(end).toMatchObject({ reason: { type: 'stop' }, failures: [] });
      expect(unsubscribed).toHaveBeenCalledTimes(1);
    });

    it('should let go of stop$ when it ends without it', async () => {
      const stop$ = new Subject();
      const { end } = await hosted(({ member, at }) => {
        at(3, () => {
          expect(stop$.observed).toBe(true);
        });
        return runGroup([member('a', completes(5))], { stop$ });
      });
      expect(end).toMatchObject({ reason: { type: 'idle' } });
      expect(stop$.observed).toBe(false);
    });

    it('should take a stop$ of another copy of RxJS', async () => {
      const subscribe = (observer: Observer<unknown>) => timer(5).subscribe(observer);
      const foreign = { [observable]: () => ({ subscribe }) };
      const { end } = await hosted(({ member }) =>
        runGroup([member('a')], { stop$: foreign as unknown as Observable<unknown> }),
      );
      expect(end).toMatchObject({ reason: { type: 'stop' }, uptime: 5 });
    });

    it('should resolve when its AbortSignal aborts, with its reason', async () => {
      const controller = new AbortController();
      const { end, log } = await hosted(({ member, at }) => {
        at(5, () => {
          controller.abort('enough');
        });
        return runGroup([member('a')], { signal: controller.signal });
      });
      expect(log).toEqual(['0 start a 1', '5 end a 1']);
      expect(end).toMatchObject({ reason: { type: 'abort', cause: 'enough' }, failures: [] });
    });

    it('should start nobody when its AbortSignal has aborted', async () => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([member('a')], { signal: AbortSignal.abort('before') }),
      );
      expect(log).toEqual([]);
      expect(end).toMatchObject({ reason: { type: 'abort', cause: 'before' } });
    });

    it('should not listen to its AbortSignal any longer than it runs', async () => {
      const { signal } = new AbortController();
      const add = jest.spyOn(signal, 'addEventListener');
      const remove = jest.spyOn(signal, 'removeEventListener');
      await runGroup([{ name: 'a', payload: () => undefined }], { signal });
      expect(add).toHaveBeenCalledTimes(1);
      expect(remove.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
        add.mock.calls.map(([type, listener]) => [type, listener]),
      );
    });

    it('should wait for a stop when it is to be kept alive', async () => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([member('a', completes(5))], { keepAlive: true, stop$: timer(50) }),
      );
      expect(log).toEqual(['0 start a 1', '5 end a 1']);
      expect(end).toMatchObject({
        reason: { type: 'stop' },
        counts: { completed: 2, stopped: 0, failed: 0 },
        uptime: 50,
      });
    });

    it('should keep the first of several reasons', async () => {
      const controller = new AbortController();
      const { end } = await hosted(({ member, at }) => {
        at(6, () => {
          controller.abort();
        });
        const options = { stop$: timer(5), signal: controller.signal };
        return runGroup([member('a', tearsDown(10))], options);
      });
      expect(end).toMatchObject({ reason: { type: 'stop' } });
    });
  });

  describe('of nobody', () => {
    it.each<[string, RunGroupOptions]>([
      ['by itself', {}],
      ['with everything it could be stopped by', { signal: AbortSignal.abort(), stop$: of(1) }],
      ['though it is to be kept alive', { keepAlive: true }],
    ])('should resolve at once, %s, with nothing installed (PITFALLS C21)', async (_, given) => {
      jest.useFakeTimers();
      const on = jest.spyOn(process, 'on');
      const subscribed = jest.fn(() => undefined);
      const options = given.stop$ ? { ...given, stop$: new Observable(subscribed) } : given;
      try {
        const running = runGroup([], options);
        expect(jest.getTimerCount()).toBe(0);
        expect(on).not.toHaveBeenCalled();
        expect(await running).toEqual({
          reason: { type: 'idle' },
          failures: [],
          tolerated: [],
          stragglers: [],
          counts: { completed: 0, stopped: 0, failed: 0 },
          uptime: 0,
        });
        expect(subscribed).not.toHaveBeenCalled();
      } finally {
        on.mockRestore();
        jest.useRealTimers();
      }
    });

    it('should be refused all the same when an option is wrong', async () => {
      const options = { strategy: 'all' } as unknown as RunGroupOptions;
      await expect(runGroup([], options)).rejects.toBeInstanceOf(InvalidOptionError);
    });
  });

  describe('signals', () => {
    it.each(SIGNALS)('should stop it gracefully, unless told otherwise: %s', async (signal) => {
      const { end, log } = await hosted(({ member, at }) => {
        at(5, () => {
          expect(listeners()).toEqual(before.map((count) => count + 1));
          process.emit(signal, signal);
        });
        return runGroup([member('a', tearsDown(10)), member('b')]);
      });
      expect(log).toEqual(['0 start a 1', '0 start b 1', '5 end b 1', '15 end a 1']);
      expect(end).toMatchObject({ reason: { type: 'signal', signal }, failures: [] });
    });

    it('should stop it at once at the second, with all it gives up named', async () => {
      const { end, log } = await hosted(({ member, at }) => {
        at(5, () => {
          process.emit('SIGINT', 'SIGINT');
        });
        at(8, () => {
          process.emit('SIGTERM', 'SIGTERM');
        });
        return runGroup([member('a'), { ...member('b', hangs), grace: Infinity }]);
      });
      expect(log).toEqual(['0 start a 1', '0 start b 1', '8 end a 1']);
      expect(end).toBeInstanceOf(RunnerFailedError);
      const { report } = end as RunnerFailedError;
      expect(report.reason).toEqual({ type: 'signal', signal: 'SIGINT' });
      expect(report.stragglers).toMatchObject([{ task: 'b', age: 8 }]);
      expect(report.failures.map(({ task }) => task)).toEqual(['b', 'a']);
      expect(report.uptime).toBe(8);
    });

    it('should be left alone when it is told so', async () => {
      const { end } = await hosted(({ member, at }) => {
        at(3, () => {
          expect(listeners()).toEqual(before);
        });
        return runGroup([member('a', completes(5))], { signals: false });
      });
      expect(end).toMatchObject({ reason: { type: 'idle' } });
    });

    it('should be listened to from the tick of the call', async () => {
      const running = runGroup([{ name: 'a', payload: NEVER }]);
      expect(listeners()).toEqual(before.map((count) => count + 1));
      process.emit('SIGTERM', 'SIGTERM');
      expect(listeners()).toEqual(before);
      expect(await running).toMatchObject({ reason: { type: 'signal' }, counts: { stopped: 1 } });
    });
  });

  describe('fails', () => {
    it('should reject when a significant member fails for good, its siblings stopped first', async () => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([
          member('a', tearsDown(10)),
          { ...member('x', crashes(5)), restart: 'never', significant: true },
          member('b'),
        ]),
      );
      expect(log).toEqual([
        '0 start a 1',
        '0 start x 1',
        '0 start b 1',
        '5 end x 1',
        '5 end b 1',
        '15 end a 1',
      ]);
      expect(end).toBeInstanceOf(RunnerFailedError);
      const { cause, failures, report } = end as RunnerFailedError;
      expect(cause).toBe(BOOM);
      expect(failures).toEqual([{ task: 'group', error: BOOM }]);
      expect(report.reason).toEqual({ type: 'failure', cause: BOOM });
      expect(report.counts).toEqual({ completed: 0, stopped: 2, failed: 2 });
    });

    it('should resolve when others fail for good', async () => {
      const { end } = await hosted(({ member }) =>
        runGroup([{ ...member('a', crashes(5)), restart: 'never' }, member('b', completes(7))]),
      );
      expect(end).toMatchObject({ failures: [], tolerated: [{ task: 'a', error: BOOM }] });
    });

    it('should reject when a member is overdue, its siblings stopped all the same', async () => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([member('a'), member('b', hangs)], { stop$: timer(5), grace: 20 }),
      );
      expect(log.at(-1)).toBe('25 end a 1');
      expect((end as RunnerFailedError).failures).toMatchObject([
        { task: 'b', error: { code: 'ERR_RXVISOR_OVERDUE', grace: 20 } },
      ]);
    });
  });

  describe('hands its options on', () => {
    it('should be the bounds of its runner', async () => {
      const { end } = await hosted(({ member }) =>
        runGroup([member('a', hangs)], { stop$: timer(5), grace: Infinity, shutdownTimeout: 30 }),
      );
      expect((end as RunnerFailedError).report).toMatchObject({
        stragglers: [{ task: 'a', age: 35 }],
        uptime: 35,
      });
    });

    it('should be the clock of its runner', async () => {
      const clock = new TestScheduler(() => undefined);
      const schedule = jest.spyOn(clock, 'schedule');
      const payload = inTurn(
        throwError(() => BOOM),
        completes(0),
      );
      const running = runGroup([{ name: 'a', payload, backoff: () => 3_600_000 }], {
        scheduler: clock,
      });
      while (schedule.mock.calls.length === 0) await new Promise((done) => setImmediate(done));
      clock.maxFrames = Infinity;
      clock.flush();
      expect(await running).toMatchObject({ uptime: 3_600_000, counts: { completed: 2 } });
    });

    it('should be the strategy of its group', async () => {
      const { log } = await hosted(({ member }) =>
        runGroup([{ ...member('x', inTurn(crashes(5), NEVER)), backoff: () => 10 }, member('a')], {
          strategy: 'one-for-all',
          stop$: timer(20),
        }),
      );
      expect(log).toEqual([
        '0 start x 1',
        '0 start a 1',
        '5 end x 1',
        '5 end a 1',
        '15 start x 2',
        '15 start a 2',
        '20 end a 2',
        '20 end x 2',
      ]);
    });

    it.each<[string, unknown, string, RegExp]>([
      ['an unknown option', { signal$: of(1) }, 'signal$', /there is no such option here/],
      ['no object', 'signals', 'options', /give an object/],
      ['a word for a truth', { signals: 'yes' }, 'signals', /yes.*: give true or false/],
      ['a number for a truth', { keepAlive: 1 }, 'keepAlive', /is 1: give true or false/],
      ['a promise to stop', { stop$: Promise.resolve() }, 'stop$', /give an Observable/],
      ['a controller', { signal: new AbortController() }, 'signal', /give an AbortSignal/],
      ['an unknown strategy', { strategy: 'all' }, 'strategy', /all.*"rest-for-one"/],
      ['a negative grace', { grace: -1 }, 'grace', /is -1: give milliseconds/],
      [
        'an endless shutdown',
        { shutdownTimeout: Infinity },
        'shutdownTimeout',
        /give milliseconds/,
      ],
      ['no scheduler', { scheduler: {} }, 'scheduler', /give an RxJS scheduler/],
      ['what only run() takes', { until: 'idle' }, 'until', /there is no such option here/],
    ])('should refuse %s by name, before anything starts', async (_, options, option, message) => {
      const payload = jest.fn(() => NEVER);
      const on = jest.spyOn(process, 'on');
      const running = runGroup([{ name: 'a', payload }], options as RunGroupOptions);
      const error: unknown = await running.catch((e: unknown) => e);
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ option });
      expect((error as Error).message).toMatch(message);
      expect(on).not.toHaveBeenCalled();
      expect(payload).not.toHaveBeenCalled();
      on.mockRestore();
    });

    it('should take undefined for absent', async () => {
      const options = {
        stop$: undefined,
        signal: undefined,
        strategy: undefined,
        grace: undefined,
      };
      const running = runGroup(
        [{ name: 'a', payload: () => undefined }],
        options as unknown as RunGroupOptions,
      );
      expect(await running).toMatchObject({ reason: { type: 'idle' } });
    });
  });

  describe('names', () => {
    it('should give its members their own names, without a prefix, and those below them theirs', async () => {
      const { log } = await hosted(({ member }) => {
        const inner = group([member('b', completes(5))]);
        const adopting = member('c', ({ adopt }) => {
          adopt(member('d').payload as () => unknown, { name: 'd' });
          return completes(5);
        });
        return runGroup([{ name: 'a', payload: inner }, adopting]);
      });
      expect([...log].sort()).toEqual([
        '0 start a/b 1',
        '0 start c 1',
        '0 start c/d 1',
        '5 end a/b 1',
        '5 end c 1',
        '5 end c/d 1',
      ]);
    });

    it.each([
      [['group'], '(group)'],
      [['group', '(group)'], '((group))'],
      [['groups'], 'group'],
    ])('should keep out of the way of members named %j', async (names, own) => {
      const { end, log } = await hosted(({ member }) =>
        runGroup([
          ...names.map((name) => member(name)),
          { name: 'x', payload: crashes(5), restart: 'never', significant: true },
        ]),
      );
      expect(log.slice(0, names.length)).toEqual(names.map((name) => `0 start ${name} 1`));
      expect((end as RunnerFailedError).failures).toEqual([{ task: own, error: BOOM }]);
    });
  });

  it('should run several side by side, each with members of the same names', async () => {
    const stop$ = new Subject<void>();
    const started = jest.fn(() => NEVER);
    const specs = [{ name: 'a', payload: started }];
    const both = [runGroup(specs, { stop$ }), runGroup(specs, { stop$ })];
    expect(listeners()).toEqual(before.map((count) => count + 2));
    while (started.mock.calls.length < 2) await new Promise((done) => setImmediate(done));
    stop$.next();
    expect(await Promise.all(both)).toMatchObject([
      { counts: { stopped: 2 } },
      { counts: { stopped: 2 } },
    ]);
  });

  it('should reject, not throw, when the list is wrong', async () => {
    const running = runGroup(undefined as unknown as MemberSpec[]);
    await expect(running).rejects.toMatchObject({ option: 'specs' });
  });
});
