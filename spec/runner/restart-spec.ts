import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, Subject, defer, queueScheduler, throwError, timer } from 'rxjs';
import {
  type AdoptOptions,
  constant,
  type LifecycleEvent,
  RestartLimitError,
  type RunnerFailedError,
  StopRestarting,
  supervise,
  type SuperviseOptions,
  type TaskContext,
  UnknownTaskError,
} from '../../src/index.js';
import { HUNG, VIRTUAL_FLAVOURS, later, ofTask, only, told, toldAt, virtually } from './support.js';

const BOOM = new Error('boom');
const crashing$ = throwError(() => BOOM);

const delays = (events: readonly LifecycleEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'restart' ? [event.delay] : []));

/** Crashes `after` each start, `times` times, then lives for ever. */
const crashes =
  (times: number, after = 0) =>
  ({ attempt }: TaskContext) =>
    attempt > times
      ? NEVER
      : new Observable<never>((subscriber) => {
          const fail = () => {
            subscriber.error(`crash ${attempt}`);
          };
          if (after > 0) return timer(after).subscribe(fail);
          fail();
          return undefined;
        });

describe.each(VIRTUAL_FLAVOURS)('restarts by a policy, on $name', (flavourCase) => {
  const log = (
    payload: (context: TaskContext) => Observable<never> | undefined,
    options: AdoptOptions = {},
  ) =>
    virtually(flavourCase, ({ runner, flavour, run, flush, events, ran }) => {
      runner.adopt(payload, { name: 'a', flavour, ...options });
      run();
      flush();
      return { life: toldAt(ofTask(events, 'a')), events, ran: ran() };
    });

  it('should be none by default: a crash is fatal', () => {
    expect(log(crashes(1)).life).toEqual(['0 start a 1', '0 crash a 1', '0 exit a 1 failed fatal']);
  });

  it("should follow a crash, not a completion, with 'on-failure'", () => {
    const payload = ({ attempt }: TaskContext) => (attempt < 2 ? crashing$ : EMPTY);
    expect(log(payload, { restart: 'on-failure' }).life).toEqual([
      '0 start a 1',
      '0 crash a 1 restarting',
      '0 restart a 1 in 1000 (crash)',
      '1000 start a 2',
      '1000 exit a 2 completed',
    ]);
  });

  it("should follow a completion too with 'always'", () => {
    const payload = ({ attempt }: TaskContext) =>
      attempt === 1 ? EMPTY : attempt === 2 ? crashing$ : NEVER;
    expect(log(payload, { restart: 'always' }).life).toEqual([
      '0 start a 1',
      '0 restart a 1 in 1000 (complete)',
      '1000 start a 2',
      '1000 crash a 2 restarting',
      '1000 restart a 2 in 2000 (crash)',
      '3000 start a 3',
    ]);
  });

  it('should wait 1 s, 2 s, 4 s, 8 s, 16 s, 30 s, 30 s by default', () => {
    const { events } = log(crashes(7), { restart: 'on-failure' });
    expect(delays(events)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('should start the next attempt exactly the delay after the restart was told', () => {
    const { life } = log(crashes(2, 7), { restart: 'on-failure', backoff: (n) => n * 10 });
    expect(life).toEqual([
      '0 start a 1',
      '7 crash a 1 restarting',
      '7 restart a 1 in 10 (crash)',
      '17 start a 2',
      '24 crash a 2 restarting',
      '24 restart a 2 in 20 (crash)',
      '44 start a 3',
    ]);
  });

  it('should say how long the attempt was up', () => {
    const { events } = log(crashes(1, 7), { restart: 'on-failure' });
    expect(only(events, 'crash')).toMatchObject({ uptime: 7, restarting: true, error: 'crash 1' });
  });

  it('should give backoff the number of the restart since the last reset', () => {
    const numbers: number[] = [];
    const backoff = (n: number) => {
      numbers.push(n);
      return 1;
    };
    log(
      ({ attempt }) =>
        attempt === 3
          ? crashes(9, 100)({ attempt } as TaskContext)
          : crashes(5)({ attempt } as TaskContext),
      {
        restart: 'on-failure',
        resetAfter: 100,
        backoff,
      },
    );
    expect(numbers).toEqual([1, 2, 1, 2, 3]);
  });

  it('should reset by uptime, boundary included, never by values (PITFALLS A5)', () => {
    const emitting = (after: number) =>
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner
          .adopt(
            ({ attempt }) =>
              new Observable<number>((subscriber) => {
                subscriber.next(1);
                if (attempt > 3) return undefined;
                return timer(after).subscribe(() => {
                  subscriber.error(BOOM);
                });
              }),
            { flavour, restart: 'on-failure', resetAfter: 50 },
          )
          .subscribe();
        run();
        flush();
        return delays(events);
      });
    expect(emitting(49)).toEqual([1_000, 2_000, 4_000]);
    expect(emitting(50)).toEqual([1_000, 1_000, 1_000]);
  });

  it('should be refused beyond the budget: RestartLimitError with the last error as its cause', async () => {
    const { life, events, ran } = log(crashes(9), {
      restart: 'on-failure',
      maxRestarts: 2,
      backoff: constant(10),
    });
    expect(life.slice(-3)).toEqual(['20 start a 3', '20 crash a 3', '20 exit a 3 failed fatal']);
    const { error } = only(events, 'exit');
    expect(error).toBeInstanceOf(RestartLimitError);
    expect(error).toMatchObject({ task: 'a', restarts: 2, cause: 'crash 3' });
    const { cause, failures } = (await ran) as RunnerFailedError;
    expect(cause).toBe(error);
    expect(failures).toHaveLength(1);
  });

  it('should be refused beyond the budget after completions too, without a cause', () => {
    const { events } = log(() => EMPTY, { restart: 'always', maxRestarts: 1, backoff: () => 10 });
    const { error, outcome } = only(events, 'exit');
    expect(outcome).toBe('failed');
    expect(error).toBeInstanceOf(RestartLimitError);
    expect(error).not.toHaveProperty('cause');
  });

  it('should be granted again when the window has slid on, boundary included', () => {
    const starts = (within: number) =>
      log(crashes(5), {
        restart: 'on-failure',
        maxRestarts: 2,
        within,
        backoff: () => 10,
      }).life.filter((line) => line.includes('start a') && !line.includes('restart'));
    // The third restart is asked for 20 after the first: in the window of 20, not in that of 19.
    expect(starts(20)).toHaveLength(3);
    expect(starts(19)).toHaveLength(6);
  });

  it('should have budgets of their own, never shared (PITFALLS B12)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const options = { flavour, restart: 'on-failure', maxRestarts: 2 } as const;
      for (const name of ['a', 'b', 'c']) runner.adopt(crashes(2), { ...options, name });
      run();
      flush();
      expect(delays(events)).toHaveLength(6);
      expect(runner.state).toBe('running');
    });
  });

  it('should not follow StopRestarting: the task fails for good, with its cause if it has one', () => {
    const options: AdoptOptions = { restart: 'always' };
    const bare = new StopRestarting();
    const failure = (error: unknown) =>
      only(log(() => throwError(() => error), options).events, 'exit');
    expect(failure(new StopRestarting(BOOM))).toMatchObject({ outcome: 'failed', fatal: true });
    expect(failure(new StopRestarting(BOOM)).error).toBe(BOOM);
    expect(failure(new StopRestarting(undefined)).error).toBeUndefined();
    expect(failure(bare).error).toBe(bare);
  });

  it('should never be synchronous, however short the delay', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      let depth = 0;
      let deepest = 0;
      runner.adopt(
        ({ attempt }) => {
          deepest = Math.max(deepest, ++depth);
          try {
            if (attempt < 100) throw BOOM;
          } finally {
            depth--;
          }
        },
        { flavour, restart: 'on-failure', backoff: () => 0 },
      );
      run();
      flush();
      expect(deepest).toBe(1);
    });
  });

  it.each([[Number.NaN], [Infinity]])(
    'should clamp a delay of %p to the longest there is',
    (delay) => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(crashing$, {
          name: 'a',
          flavour,
          restart: 'on-failure',
          backoff: () => delay,
        });
        run();
        at(1, () => void runner.stop('a'));
        flush();
        expect(delays(events)).toEqual([2 ** 31 - 1]);
      });
    },
  );

  it('should clamp a negative delay to 0, and one that is too long to what a timer can wait', () => {
    const { events } = log(crashes(1), { restart: 'on-failure', backoff: () => -5 });
    expect(delays(events)).toEqual([0]);
    const long = virtually(flavourCase, ({ runner, flavour, run, flush, events: seen, at }) => {
      runner.adopt(crashing$, {
        name: 'a',
        flavour,
        restart: 'on-failure',
        backoff: () => 2 ** 40,
      });
      run();
      at(1, () => void runner.stop('a'));
      flush();
      return seen;
    });
    expect(delays(long)).toEqual([2 ** 31 - 1]);
  });

  it('should be none after a backoff that throws: its error is the final one, told once', async () => {
    const backoff = () => {
      throw new Error('backoff');
    };
    const { events, life, ran } = log(() => crashing$, { restart: 'on-failure', backoff });
    expect(life).toEqual(['0 start a 1', '0 crash a 1', '0 exit a 1 failed fatal']);
    expect(only(events, 'crash').error).toBe(BOOM);
    expect(only(events, 'exit').error).toMatchObject({ message: 'backoff' });
    expect(((await ran) as RunnerFailedError).failures).toHaveLength(1);
  });

  it('should wait on a scheduler of their own, when given one', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, clock }) => {
      const slow = {
        now: () => clock.now() / 10,
        schedule: (work: never, delay = 0, state?: never) =>
          clock.schedule(work, delay * 10, state),
      };
      runner.adopt(crashes(1), { name: 'a', flavour, restart: 'on-failure', scheduler: slow });
      run();
      flush();
      expect(toldAt(ofTask(events, 'a')).at(-1)).toBe('10000 start a 2');
    });
  });

  it('should come, also on a scheduler that runs its work inside schedule (PITFALLS A27)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(crashes(3), {
        name: 'a',
        flavour,
        restart: 'on-failure',
        backoff: () => 0,
        scheduler: queueScheduler,
      });
      run();
      flush();
      expect(told(ofTask(events, 'a')).slice(0, 4)).toEqual([
        'start a 1',
        'crash a 1 restarting',
        'restart a 1 in 0 (crash)',
        'start a 2',
      ]);
      expect(told(ofTask(events, 'a')).at(-1)).toBe('start a 4');
    });
  });

  it('should be served a stop between any two, even at delay 0 (PITFALLS B2)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(crashing$, { name: 'a', flavour, restart: 'on-failure', backoff: () => 0 });
      let restarts = 0;
      runner.events$.subscribe((event) => {
        if (event.type === 'restart' && ++restarts === 50) void runner.stop('a');
      });
      run();
      flush();
      expect(told(ofTask(events, 'a')).at(-1)).toBe('exit a 50 stopped');
    });
  });

  it('should be a crash like any other when a start throws (PITFALLS B16)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      let calls = 0;
      const broken = {
        ...flavour,
        scheduler: {
          now: () => flavour.scheduler.now(),
          schedule: ((...all: Parameters<typeof flavour.scheduler.schedule>) => {
            if (++calls === 2) throw BOOM;
            return flavour.scheduler.schedule(...all);
          }) as typeof flavour.scheduler.schedule,
        },
      };
      runner.adopt(crashes(1), { name: 'a', flavour: broken, restart: 'on-failure' });
      run();
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '0 crash a 1 restarting',
        '0 restart a 1 in 1000 (crash)',
        '1000 start a 2',
        '1000 crash a 2 restarting',
        '1000 restart a 2 in 2000 (crash)',
        '3000 start a 3',
      ]);
    });
  });

  it('should come at the very times at which `supervise` alone restarts', () => {
    const POLICIES: readonly SuperviseOptions[] = [
      {},
      { restart: 'always', backoff: (n) => n * 7 },
      { maxRestarts: 3, within: 10_000 },
      { backoff: constant(0), maxRestarts: 5 },
      { resetAfter: 3, backoff: (n) => n * 100 },
      { restart: 'never' },
    ];
    const source = (subscribed: (attempt: number) => void) => {
      let attempt = 0;
      return defer(() => {
        subscribed(++attempt);
        if (attempt > 6) return NEVER;
        return new Observable<never>((subscriber) =>
          timer(attempt).subscribe(() => {
            if (attempt === 4) subscriber.complete();
            else subscriber.error(BOOM);
          }),
        );
      });
    };
    for (const policy of POLICIES) {
      const times = (how: 'adopted' | 'alone') =>
        virtually(flavourCase, ({ runner, flavour, run, flush, now }) => {
          const starts: number[] = [];
          const source$ = source(() => starts.push(now()));
          if (how === 'adopted') {
            runner.adopt(source$, { flavour, restart: 'on-failure', ...policy });
            run();
          } else {
            source$.pipe(supervise(policy)).subscribe({ error: () => undefined });
          }
          flush();
          return starts;
        });
      expect(times('adopted')).toEqual(times('alone'));
    }
  });
});

describe.each(VIRTUAL_FLAVOURS)('a restart by hand, on $name', (flavourCase) => {
  it('should stop the attempt as any stop does, and start another at once (PITFALLS D8)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const reasons: unknown[] = [];
      runner.adopt(
        ({ signal }) =>
          new Observable<never>((subscriber) => {
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason);
              subscriber.complete();
            });
          }),
        { name: 'a', flavour },
      );
      run();
      at(5, () => {
        runner.restart('a');
      });
      flush();
      expect(reasons).toEqual([{ type: 'restart' }]);
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '5 stopping a 1 (restart)',
        '5 restart a 1 in 0 (manual)',
        '5 start a 2',
      ]);
    });
  });

  it('should wait for the teardown of the attempt', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(20));
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => {
        runner.restart('a');
      });
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '5 stopping a 1 (restart)',
        '25 restart a 1 in 0 (manual)',
        '25 start a 2',
      ]);
    });
  });

  it('should start at once in backoff, with no second `restart` told', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(crashes(1), { name: 'a', flavour, restart: 'on-failure' });
      run();
      at(400, () => {
        runner.restart('a');
        runner.restart('a');
      });
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '0 crash a 1 restarting',
        '0 restart a 1 in 1000 (crash)',
        '400 start a 2',
      ]);
    });
  });

  it('should not be charged to the budget, nor counted for the backoff', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const source = new Subject<never>();
      let crash = () => undefined as unknown;
      runner.adopt(
        () =>
          new Observable<never>((subscriber) => {
            crash = () => {
              subscriber.error(BOOM);
            };
            return source.subscribe(subscriber);
          }),
        { name: 'a', flavour, restart: 'on-failure', maxRestarts: 1, within: 1_000_000 },
      );
      run();
      for (const time of [1, 2, 3, 4, 5]) {
        at(time, () => {
          runner.restart('a');
        });
      }
      at(10, () => crash());
      flush();
      expect(delays(events)).toEqual([0, 0, 0, 0, 0, 1_000]);
      expect(told(ofTask(events, 'a')).at(-1)).toBe('start a 7');
      crash();
      expect(only(events, 'exit').error).toBeInstanceOf(RestartLimitError);
    });
  });

  it('should do nothing to a task that waits for run(), or in the queue of its flavour', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(NEVER, { name: 'a', flavour });
      runner.restart('a');
      run();
      runner.restart('a');
      runner.adopt(NEVER, { name: 'b', flavour });
      runner.adopt(NEVER, { name: 'c', flavour });
      runner.restart('b');
      flush();
      expect(told(events)).toEqual(['up', 'start a 1', 'start b 1', 'start c 1']);
    });
  });

  it('should do nothing more to an attempt that is being stopped for a restart', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(20));
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      for (const time of [5, 6, 10]) {
        at(time, () => {
          runner.restart('a');
        });
      }
      flush();
      expect(told(ofTask(events, 'a'))).toEqual([
        'start a 1',
        'stopping a 1 (restart)',
        'restart a 1 in 0 (manual)',
        'start a 2',
      ]);
    });
  });

  it('should do nothing to a task that was asked to stop: no start follows (PITFALLS C11)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(20));
          return NEVER;
        },
        { name: 'a', flavour, restart: 'always' },
      );
      run();
      at(5, () => void runner.stop('a'));
      at(6, () => {
        runner.restart('a');
      });
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '5 stopping a 1 (stop)',
        '25 exit a 1 stopped',
      ]);
    });
  });

  it('should give way to a stop that comes while the attempt is being stopped for it', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(20));
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => {
        runner.restart('a');
      });
      at(6, () => void runner.stop('a'));
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '5 stopping a 1 (restart)',
        '25 exit a 1 stopped',
      ]);
    });
  });

  it('should skip the delay when it comes between a crash and its restart', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ attempt, onTeardown }) => {
          onTeardown(() => later(20));
          return attempt < 2 ? crashing$ : NEVER;
        },
        { name: 'a', flavour, restart: 'on-failure' },
      );
      run();
      at(5, () => {
        runner.restart('a');
      });
      flush();
      expect(toldAt(ofTask(events, 'a')).slice(0, 4)).toEqual([
        '0 start a 1',
        '0 crash a 1 restarting',
        '20 restart a 1 in 0 (crash)',
        '20 start a 2',
      ]);
    });
  });

  it('should not resurrect an attempt whose crash was told as final', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(20));
          throw BOOM;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => {
        runner.restart('a');
      });
      flush();
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '0 crash a 1',
        '20 exit a 1 failed fatal',
      ]);
    });
  });

  it('should be possible from the payload, its teardown, and an events$ observer', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const once = (attempt: number, name: string) => {
        if (attempt === 1) runner.restart(name);
      };
      runner.adopt(
        ({ name, attempt }) => {
          once(attempt, name);
          return NEVER;
        },
        { name: 'payload', flavour },
      );
      runner.events$.subscribe((event) => {
        if (event.type === 'start' && event.task === 'observer') once(event.attempt, event.task);
      });
      runner.adopt(NEVER, { name: 'observer', flavour });
      run();
      flush();
      for (const name of ['payload', 'observer']) {
        expect(told(ofTask(events, name))).toEqual([
          `start ${name} 1`,
          `stopping ${name} 1 (restart)`,
          `restart ${name} 1 in 0 (manual)`,
          `start ${name} 2`,
        ]);
      }
    });
  });

  it('should fail the task when what it is to follow had to be abandoned', () => {
    virtually(
      flavourCase,
      ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => HUNG);
            return NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        at(5, () => {
          runner.restart('a');
        });
        flush();
        expect(only(events, 'exit')).toMatchObject({
          outcome: 'failed',
          fatal: true,
          error: { name: 'OverdueError' },
        });
        expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
      },
      { grace: 30 },
    );
  });

  it('should know no task that has ended, or was never there', async () => {
    const { stopping } = virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      runner.adopt(EMPTY, { name: 'a', flavour });
      run();
      flush();
      const restarting = () => {
        runner.restart('a');
      };
      expect(restarting).toThrow(UnknownTaskError);
      expect(restarting).toThrow('task "a" is not known');
      return { stopping: runner.stop('b') };
    });
    await expect(stopping).rejects.toMatchObject({
      code: 'ERR_RXVISOR_UNKNOWN_TASK',
      task: 'b',
    });
  });
});
