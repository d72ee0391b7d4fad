import { describe, expect, it } from '@jest/globals';
import {
  EMPTY,
  NEVER,
  Observable,
  catchError,
  concat,
  defer,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  of,
  share,
  take,
  throwError,
  timer,
} from 'rxjs';
import {
  type RunnerFailedError,
  type SuperviseOptions,
  constant,
  supervise,
} from '../../src/index.js';
import { VIRTUAL_FLAVOURS, later, ofTask, only, told, toldAt, virtually } from './support.js';

const BOOM = new Error('boom');

/** Crashes at each subscription but the last of so many. */
function crashing(times: number, last$: Observable<unknown> = NEVER): Observable<never> {
  let subscribed = 0;
  return defer(() =>
    ++subscribed > times ? last$ : throwError(() => `crash ${subscribed}`),
  ) as Observable<never>;
}

describe.each(VIRTUAL_FLAVOURS)('supervise in an adopted pipe, on $name', (flavourCase) => {
  const log = (payload: Observable<unknown> | (() => Observable<unknown>)) =>
    virtually(flavourCase, ({ runner, flavour, run, flush, events, ran }) => {
      runner.adopt(payload as Observable<never>, { name: 'a', flavour });
      run();
      flush();
      return { all: toldAt(events), inner: toldAt(ofTask(events, 'a/supervised')), events, ran };
    });

  it('should be narrated as a life of its own, child of the task', () => {
    const { all, events } = log(crashing(2).pipe(supervise()));
    expect(all).toEqual([
      '0 up',
      '0 start a 1',
      '0 start a/supervised 1',
      '0 crash a/supervised 1 restarting',
      '0 restart a/supervised 1 in 1000 (crash)',
      '1000 start a/supervised 2',
      '1000 crash a/supervised 2 restarting',
      '1000 restart a/supervised 2 in 2000 (crash)',
      '3000 start a/supervised 3',
    ]);
    expect(new Set(ofTask(events, 'a/supervised').map(({ origin }) => origin))).toEqual(
      new Set(['adopt']),
    );
  });

  it('should be found by a function payload too, which is subscribed for it', () => {
    const { inner } = log(() => crashing(1).pipe(supervise()));
    expect(inner).toHaveLength(4);
  });

  it('should be named as told, made unique', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const poll$ = NEVER.pipe(supervise({ name: 'poll' }));
      const other$ = NEVER.pipe(supervise());
      runner.adopt(merge(poll$, poll$, other$, other$), { name: 'a', flavour });
      run();
      flush();
      expect(runner.tasks().map(({ name }) => name)).toEqual([
        'a',
        'a/poll',
        'a/poll#2',
        'a/supervised',
        'a/supervised#2',
      ]);
    });
  });

  it('should nest: a supervise inside a supervised source is its child', () => {
    const inner$ = crashing(1).pipe(supervise({ name: 'inner', backoff: constant(5) }));
    const { all } = log(inner$.pipe(supervise({ name: 'outer' })));
    expect(all.slice(2)).toEqual([
      '0 start a/outer 1',
      '0 start a/outer/inner 1',
      '0 crash a/outer/inner 1 restarting',
      '0 restart a/outer/inner 1 in 5 (crash)',
      '5 start a/outer/inner 2',
    ]);
  });

  it('should let values through to the subscribers of the task', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const heard: unknown[] = [];
      const source$ = concat(of(1, 2), crashing(1, of(3))).pipe(
        supervise({ backoff: constant(5) }),
        map((value) => `<${value}>`),
      );
      runner.adopt(source$, { name: 'a', flavour }).subscribe({
        next: (value) => heard.push(value),
        complete: () => heard.push('complete'),
      });
      run();
      flush();
      expect(heard).toEqual(['<1>', '<2>', '<1>', '<2>', '<3>', 'complete']);
    });
  });

  it('should orphan a value of it as one of the task: nobody is subscribed to the task', () => {
    const { all, events } = log(of(1).pipe(supervise()));
    expect(all).toContain('0 crash a 1');
    expect(only(events, 'crash', 'a').error).toMatchObject({ value: 1, task: 'a' });
    expect(only(events, 'exit', 'a/supervised').outcome).not.toBe('failed');
  });

  it('should complete when its source does, and the task with it', () => {
    expect(log(EMPTY.pipe(supervise())).all).toEqual([
      '0 up',
      '0 start a 1',
      '0 start a/supervised 1',
      '0 exit a/supervised 1 completed',
      '0 exit a 1 completed',
    ]);
  });

  it("should be no fatal failure of its own when it gives up: that is the task's crash", async () => {
    const { all, events, ran } = log(crashing(9).pipe(supervise({ restart: 'never' })));
    expect(all.slice(3)).toEqual([
      '0 crash a/supervised 1',
      '0 exit a/supervised 1 failed',
      '0 crash a 1',
      '0 exit a 1 failed fatal',
      '0 shutdown (failure)',
      '0 down',
    ]);
    expect(only(events, 'exit', 'a/supervised').error).toBe('crash 1');
    const { failures } = (await ran()) as RunnerFailedError;
    expect(failures).toEqual([{ task: 'a', error: 'crash 1' }]);
  });

  it('should give up with RestartLimitError naming it, when its budget is spent', async () => {
    const { ran } = log(crashing(9).pipe(supervise({ name: 'poll', maxRestarts: 2 })));
    expect(((await ran()) as RunnerFailedError).cause).toMatchObject({
      name: 'RestartLimitError',
      task: 'a/poll',
      cause: 'crash 3',
    });
  });

  it('should hand its final error to a catchError behind it, and harm nobody then', async () => {
    const source$ = crashing(9).pipe(
      supervise({ restart: 'never' }),
      catchError(() => EMPTY),
    );
    const { all, ran } = log(source$);
    expect(all.at(-1)).toBe('0 exit a 1 completed');
    expect(await ran()).toMatchObject({ failures: [], counts: { failed: 1, completed: 1 } });
  });

  it.each([[undefined], [null], ['text']])(
    'should pass %p on, thrown, as it is',
    async (thrown) => {
      const { ran } = log(throwError(() => thrown).pipe(supervise({ restart: 'never' })));
      expect(((await ran()) as RunnerFailedError).failures).toEqual([{ task: 'a', error: thrown }]);
    },
  );

  it('should multiply the restarts with those of the task', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const options = { restart: 'on-failure', maxRestarts: 2, backoff: constant(1) } as const;
      let subscribed = 0;
      const source$ = new Observable<never>((subscriber) => {
        subscribed++;
        subscriber.error(BOOM);
      });
      runner.adopt(source$.pipe(supervise(options)), { name: 'a', flavour, ...options });
      run();
      flush();
      expect(subscribed).toBe(9);
      const exits = ofTask(events, 'a/supervised').filter(({ type }) => type === 'exit');
      expect(exits).toHaveLength(3);
      expect(new Set(exits.map(({ id }) => id)).size).toBe(3);
    });
  });

  it('should end with the task: at once in backoff, with no timer left', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at, now }) => {
      runner.adopt(crashing(9).pipe(supervise()), { name: 'a', flavour });
      run();
      at(500, () => void runner.stop('a'));
      flush();
      expect(toldAt(events).slice(-3)).toEqual([
        '500 stopping a 1 (stop)',
        '500 exit a/supervised 1 stopped',
        '500 exit a 1 stopped',
      ]);
      expect(now()).toBe(500);
    });
  });

  it('should end when its subscription is ended inside the pipe', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const source$ = new Observable<never>((subscriber) => {
        const subscription = NEVER.pipe(supervise()).subscribe(subscriber);
        at(5, () => {
          subscription.unsubscribe();
        });
      });
      runner.adopt(source$, { name: 'a', flavour });
      run();
      flush();
      expect(toldAt(ofTask(events, 'a/supervised'))).toEqual([
        '0 start a/supervised 1',
        '5 stopping a/supervised 1 (unsubscribe)',
        '5 exit a/supervised 1 stopped',
      ]);
    });
  });

  it('should be stopped and restarted by hand, by its name', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(NEVER.pipe(supervise()), { name: 'a', flavour });
      run();
      at(5, () => {
        runner.restart('a/supervised');
      });
      at(9, () => void runner.stop('a/supervised'));
      flush();
      expect(toldAt(events).slice(3)).toEqual([
        '5 stopping a/supervised 1 (restart)',
        '5 restart a/supervised 1 in 0 (manual)',
        '5 start a/supervised 2',
        '9 stopping a/supervised 2 (stop)',
        '9 exit a/supervised 2 stopped',
        '9 exit a 1 completed',
      ]);
    });
  });

  it('should restart at the very times at which it restarts with no runner about', () => {
    const POLICIES: readonly SuperviseOptions[] = [
      {},
      { restart: 'always', backoff: (n) => n * 7, maxRestarts: 6 },
      { maxRestarts: 3, within: 5 },
      { backoff: constant(0), maxRestarts: 4 },
      { resetAfter: 2, backoff: (n) => n * 100 },
    ];
    for (const policy of POLICIES) {
      const times = (how: 'adopted' | 'alone') =>
        virtually(flavourCase, ({ runner, flavour, run, flush, now }) => {
          const starts: number[] = [];
          const source$ = defer(() => {
            starts.push(now());
            return starts.length > 6
              ? NEVER
              : concat(
                  timer(starts.length).pipe(map(() => undefined)),
                  throwError(() => BOOM),
                );
          }).pipe(supervise(policy));
          if (how === 'adopted') {
            runner.adopt(source$, { flavour });
            run();
          } else {
            source$.subscribe({ error: () => undefined });
          }
          flush();
          return starts;
        });
      expect(times('adopted')).toEqual(times('alone'));
    }
  });

  it('should not be narrated when it is subscribed later: no attempt is being subscribed then', () => {
    const later$ = crashing(1, EMPTY).pipe(supervise());
    const { all } = log(concat(timer(5).pipe(ignoreElements()), later$));
    expect(all).toEqual(['0 up', '0 start a 1', '1005 exit a 1 completed']);
  });

  it("should not be narrated in a subscriber's own pipe, nor in that of another runner's task", () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const heard: unknown[] = [];
      runner
        .adopt(of(1), { name: 'a', flavour })
        .pipe(supervise())
        .subscribe((value) => heard.push(value));
      run();
      flush();
      expect(heard).toEqual([1]);
      expect(told(events)).toEqual(['up', 'start a 1', 'exit a 1 completed']);
    });
  });

  it('should find the right runner and attempt when one adoption happens inside another', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      runner.adopt(
        ({ adopt }) => {
          adopt(NEVER.pipe(supervise()), { name: 'b', flavour });
          return NEVER.pipe(supervise());
        },
        { name: 'a', flavour },
      );
      run();
      flush();
      expect(
        runner
          .tasks()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['a', 'a/b', 'a/b/supervised', 'a/supervised']);
    });
  });

  it('should not find an attempt after one that threw while it was entered', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner
        .adopt(
          () => {
            throw BOOM;
          },
          { name: 'a', flavour, errors: 'deliver' },
        )
        .subscribe({
          error: () => {
            NEVER.pipe(supervise()).subscribe();
          },
        });
      run();
      flush();
      NEVER.pipe(supervise()).subscribe();
      expect(told(events)).toEqual(['up', 'start a 1', 'crash a 1', 'exit a 1 failed']);
      expect(runner.tasks()).toEqual([]);
    });
  });

  it('should start nothing in an attempt that has been asked to stop while it was entered', () => {
    virtually(
      flavourCase,
      ({ runner, flavour, run, flush, events }) => {
        runner.adopt(
          ({ name, signal }) => {
            void runner.stop(name);
            return signal.aborted ? NEVER.pipe(supervise()) : NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        flush();
        expect(events.filter(({ type }) => type === 'exit').length).toBeGreaterThan(0);
        expect(runner.tasks()).toEqual([]);
        expect(ofTask(events, 'a/supervised').filter(({ type }) => type === 'start')).toEqual([]);
      },
      { grace: 30 },
    );
  });

  it("should be torn down before the task's own teardowns", () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const order: string[] = [];
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(3, () => order.push('task')));
          return new Observable<never>(() => () => order.push('supervised')).pipe(supervise());
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => void runner.stop('a'));
      flush();
      expect(order).toEqual(['supervised', 'task']);
    });
  });

  describe('outside the pipe that is being subscribed', () => {
    const flaky = (value: number) =>
      timer(5).pipe(
        map(() => `r${value}`),
        supervise(),
      );

    it('should belong to nobody: behind a task that emits while it is entered', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const heard: unknown[] = [];
        runner
          .adopt(of(1, 2), { name: 'a', flavour })
          .pipe(mergeMap(flaky))
          .subscribe((value) => heard.push(value));
        run();
        flush();
        expect(heard).toEqual(['r1', 'r2']);
        expect(told(events)).toEqual(['up', 'start a 1', 'exit a 1 completed']);
      });
    });

    it('should belong to nobody: behind an execution that emits, completes or errors while it is entered', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const heard: unknown[] = [];
        const listen = (source$: Observable<unknown>) => {
          source$.subscribe((value) => heard.push(value));
        };
        listen(runner.execute(of(1), { flavour }).pipe(mergeMap(flaky)));
        listen(concat(runner.execute(EMPTY, { flavour }), flaky(2)));
        const failing = runner.execute(() => throwError(() => BOOM), { flavour });
        listen(failing.pipe(catchError(() => flaky(3))));
        run();
        flush();
        expect(heard).toEqual(['r1', 'r2', 'r3']);
      });
    });

    it('should belong to nobody: in an observer of the events', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const heard: unknown[] = [];
        runner.events$.subscribe(({ type }) => {
          if (type === 'ready') flaky(1).subscribe((value) => heard.push(value));
        });
        runner.adopt(
          ({ ready }) => {
            ready();
          },
          { name: 'a', flavour },
        );
        run();
        flush();
        expect(heard).toEqual(['r1']);
      });
    });
  });

  it('should let nobody who shares it take a stop of its first attempt for a completion', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const heard: unknown[] = [];
      const feed$ = interval(3).pipe(supervise({ name: 'feed' }), share());
      runner
        .adopt(feed$.pipe(take(2)), { name: 'a', flavour })
        .subscribe((value) => heard.push(`a${value}`));
      runner
        .adopt(feed$, { name: 'b', flavour, restart: 'on-failure', backoff: constant(1) })
        .subscribe((value) => heard.push(`b${value}`));
      run();
      at(14, () => void runner.shutdown());
      flush();
      expect(told(ofTask(events, 'b'))).not.toContain('exit b 1 completed');
      expect(told(ofTask(events, 'b'))).toContain('start b 2');
      expect(heard).toEqual(['a0', 'b0', 'a1', 'b0', 'b1']);
    });
  });

  it('should be narrated in an execution too', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const heard: unknown[] = [];
      runner
        .execute(crashing(1, of(1)).pipe(supervise()), { name: 'e', flavour })
        .subscribe((value) => heard.push(value));
      run();
      flush();
      expect(heard).toEqual([1]);
      expect(told(ofTask(events, 'e/supervised')).at(-1)).toBe('exit e/supervised 2 completed');
    });
  });
});
