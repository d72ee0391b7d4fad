import { describe, expect, it } from '@jest/globals';
import {
  EMPTY,
  NEVER,
  Observable,
  type Observer,
  Subject,
  concat,
  firstValueFrom,
  lastValueFrom,
  map,
  mergeMap,
  of,
  range,
  retry,
  take,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import {
  CancelledError,
  type RunnerFailedError,
  Runner,
  RunnerStateError,
  type StopReason,
  type TaskContext,
} from '../../src/index.js';
import {
  REAL_FLAVOURS,
  VIRTUAL_FLAVOURS,
  bare,
  later,
  observe,
  ofTask,
  only,
  surfacing,
  told,
  toldAt,
  turn,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

/** Writes down what it gets. */
function ear(): Observer<unknown> & { heard: unknown[] } {
  const heard: unknown[] = [];
  return {
    heard,
    next: (value) => heard.push(value),
    error: (error: unknown) => heard.push({ error }),
    complete: () => heard.push('complete'),
  };
}

const errorOf = (heard: readonly unknown[]): unknown => (heard.at(-1) as { error: unknown }).error;

describe.each(VIRTUAL_FLAVOURS)('execute, on $name', (flavourCase) => {
  it('should do nothing before it is subscribed', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      let called = false;
      runner.execute(
        () => {
          called = true;
        },
        { flavour },
      );
      run();
      flush();
      expect(called).toBe(false);
      expect(runner.tasks()).toEqual([]);
      expect(told(events)).toEqual(['up']);
    });
  });

  it('should give values and completion to the subscriber, and narrate', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const subscriber = ear();
      run();
      at(3, () => {
        const source$ = concat(of('a'), timer(5).pipe(map(() => 'b')));
        runner.execute(source$, { name: 'e', flavour }).subscribe(subscriber);
        expect(subscriber.heard).toEqual([]);
      });
      flush();
      expect(subscriber.heard).toEqual(['a', 'b', 'complete']);
      expect(toldAt(events)).toEqual(['0 up', '3 start e 1', '8 exit e 1 completed']);
      expect(only(events, 'exit')).toMatchObject({ origin: 'execute', fatal: false });
    });
  });

  it.each([[BOOM], [undefined], [null], ['text'], [0]])(
    'should give %p, the very same, to the subscriber, never to the runner',
    async (thrown) => {
      const { heard, events, ran } = virtually(flavourCase, (world) => {
        const subscriber = ear();
        const payload = () => throwError(() => thrown);
        world.runner.execute(payload, { name: 'e', flavour: world.flavour }).subscribe(subscriber);
        world.run();
        world.flush();
        expect(world.runner.state).toBe('running');
        return { ...world, heard: subscriber.heard };
      });
      expect(heard).toHaveLength(1);
      expect(errorOf(heard)).toBe(thrown);
      expect(told(ofTask(events, 'e'))).toEqual(['start e 1', 'crash e 1', 'exit e 1 failed']);
      expect(only(events, 'exit')).toHaveProperty('error', thrown);
      expect(await ran()).toMatchObject({ failures: [], tolerated: [], counts: { failed: 1 } });
    },
  );

  it('should be one execution for each subscription, with names made unique, never refused', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const execution$ = runner.execute(NEVER, { name: 'e', flavour });
      const subscriptions = [1, 2, 3].map(() => execution$.subscribe({ error: () => undefined }));
      run();
      flush();
      expect(runner.tasks().map(({ name, id }) => [name, id])).toEqual([
        ['e', 1],
        ['e#2', 2],
        ['e#3', 3],
      ]);
      subscriptions[1]?.unsubscribe();
      expect(runner.tasks().map(({ name }) => name)).toEqual(['e', 'e#3']);
      expect(told(events).slice(-2)).toEqual([
        'stopping e#2 1 (unsubscribe)',
        'exit e#2 1 stopped',
      ]);
    });
  });

  it('should give undefined to nobody and orphan nothing', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const subscriber = ear();
      runner.execute(of(undefined, null, undefined, 0), { flavour }).subscribe(subscriber);
      run();
      flush();
      expect(subscriber.heard).toEqual([null, 0, 'complete']);
    });
  });

  it('should hand arguments to the function, and the context after them', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const subscriber = ear();
      const add = (a: number, b: number, { name }: TaskContext) => `${name} ${a + b}`;
      runner.execute(add, { args: [1, 2], flavour }).subscribe(subscriber);
      run();
      flush();
      expect(subscriber.heard).toEqual(['add 3', 'complete']);
    });
  });

  describe('unsubscribed', () => {
    it('should cancel it: the signal aborts, the source is unsubscribed', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const subscriber = ear();
        let finalized = false;
        const source$ = new Observable<never>(() => () => (finalized = true));
        const subscription = runner.execute(source$, { name: 'e', flavour }).subscribe(subscriber);
        run();
        at(5, () => {
          subscription.unsubscribe();
        });
        flush();
        expect(finalized).toBe(true);
        expect(subscriber.heard).toEqual([]);
        expect(toldAt(ofTask(events, 'e'))).toEqual([
          '0 start e 1',
          '5 stopping e 1 (unsubscribe)',
          '5 exit e 1 stopped',
        ]);
      });
    });

    it('should reach the payload as `unsubscribe`, also when take() is what unsubscribes', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let reason: unknown;
        const subscriber = ear();
        runner
          .execute(
            ({ signal }) =>
              new Observable<number>((inner) => {
                signal.addEventListener('abort', () => {
                  reason = signal.reason;
                  inner.complete();
                });
                inner.next(1);
                inner.next(2);
              }),
            { name: 'e', flavour },
          )
          .pipe(take(1))
          .subscribe(subscriber);
        run();
        flush();
        expect(subscriber.heard).toEqual([1, 'complete']);
        expect(reason).toEqual({ type: 'unsubscribe' });
        expect(only(events, 'exit').outcome).toBe('stopped');
      });
    });

    it('should start nothing when that comes before run(), or before its turn', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let called = 0;
        const execution$ = runner.execute(() => void called++, { name: 'e', flavour });
        execution$.subscribe().unsubscribe();
        run();
        execution$.subscribe().unsubscribe();
        flush();
        expect(called).toBe(0);
        expect(told(events)).toEqual(['exit e 0 stopped', 'up', 'exit e 0 stopped']);
      });
    });

    it('should keep what fails afterwards from the caller and from run(), and in the report', async () => {
      const ran = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        const subscription = runner
          .execute(
            ({ signal }) =>
              new Observable<never>((subscriber) => {
                signal.addEventListener('abort', () => {
                  subscriber.error(BOOM);
                });
              }),
            { name: 'e', flavour },
          )
          .subscribe();
        world.run();
        at(5, () => {
          subscription.unsubscribe();
        });
        world.flush();
        return world.ran();
      });
      expect(await ran).toMatchObject({ failures: [], tolerated: [{ task: 'e', error: BOOM }] });
    });

    it('should run the teardowns, and be over when they are', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const subscription = runner
          .execute(
            ({ onTeardown }) => {
              onTeardown(() => later(10));
              return NEVER;
            },
            { name: 'e', flavour },
          )
          .subscribe();
        run();
        at(5, () => {
          subscription.unsubscribe();
        });
        flush();
        expect(toldAt(ofTask(events, 'e')).at(-1)).toBe('15 exit e 1 stopped');
      });
    });
  });

  describe('and the state of the runner', () => {
    it('should wait for run()', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const subscriber = ear();
        runner.execute(of(1), { name: 'e', flavour }).subscribe(subscriber);
        flush();
        expect(subscriber.heard).toEqual([]);
        expect(runner.tasks()).toMatchObject([{ name: 'e', state: 'waiting', origin: 'execute' }]);
        at(7, run);
        flush();
        expect(subscriber.heard).toEqual([1, 'complete']);
        expect(toldAt(events)).toEqual(['7 up', '7 start e 1', '7 exit e 1 completed']);
      });
    });

    it('should error with RunnerStateError once it is stopping, and tell nothing', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const [stopping, stopped] = [ear(), ear()];
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(10));
            return NEVER;
          },
          { name: 'slow', flavour },
        );
        const execution$ = runner.execute(of(1), { name: 'e', flavour });
        run();
        at(1, () => void runner.shutdown());
        at(5, () => execution$.subscribe(stopping));
        at(50, () => execution$.subscribe(stopped));
        flush();
        for (const [{ heard }, state] of [
          [stopping, 'stopping'],
          [stopped, 'stopped'],
        ] as const) {
          expect(errorOf(heard)).toBeInstanceOf(RunnerStateError);
          expect(errorOf(heard)).toMatchObject({ state, code: 'ERR_RXVISOR_RUNNER_STATE' });
        }
        expect(ofTask(events, 'e')).toEqual([]);
      });
    });

    it('should error with CancelledError when it stops meanwhile, with its reason', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const [running, waiting] = [ear(), ear()];
        runner.execute(NEVER, { name: 'e', flavour }).subscribe(running);
        run();
        at(5, () => {
          runner.execute(NEVER, { name: 'f', flavour }).subscribe(waiting);
          void runner.shutdown('deploying');
        });
        flush();
        for (const [{ heard }, task] of [
          [running, 'e'],
          [waiting, 'f'],
        ] as const) {
          expect(errorOf(heard)).toBeInstanceOf(CancelledError);
          expect(errorOf(heard)).toMatchObject({
            task,
            reason: { type: 'shutdown', message: 'deploying' },
            code: 'ERR_RXVISOR_CANCELLED',
            message: `task "${task}" was cancelled: shutdown (deploying)`,
          });
        }
        const { reason } = only(events, 'shutdown');
        expect((errorOf(running.heard) as CancelledError).reason).toBe(reason);
      });
    });

    it('should error with CancelledError when it waits for a run() that never comes', () => {
      virtually(flavourCase, ({ runner, flavour }) => {
        const subscriber = ear();
        runner.execute(NEVER, { flavour }).subscribe(subscriber);
        void runner.shutdown();
        expect(errorOf(subscriber.heard)).toBeInstanceOf(CancelledError);
      });
    });

    it('should error with CancelledError when it is stopped by name', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const subscriber = ear();
        runner.execute(NEVER, { name: 'e', flavour }).subscribe(subscriber);
        run();
        at(5, () => void runner.stop('e', 'enough'));
        flush();
        expect(errorOf(subscriber.heard)).toMatchObject({
          reason: { type: 'stop', message: 'enough' },
        });
      });
    });

    it('should error for the first reason, when there are several', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const subscriber = ear();
        runner
          .execute(
            ({ onTeardown }) => {
              onTeardown(() => later(10));
              return NEVER;
            },
            { name: 'e', flavour },
          )
          .subscribe(subscriber);
        run();
        at(5, () => void runner.stop('e', 'first'));
        at(6, () => void runner.stop('e', 'second'));
        at(7, () => void runner.shutdown('third'));
        flush();
        expect(errorOf(subscriber.heard)).toMatchObject({ reason: { message: 'first' } });
      });
    });

    it('should deliver what still comes while it stops, and keep the failure of it as the cause', async () => {
      const { heard, ran } = virtually(flavourCase, (world) => {
        const subscriber = ear();
        world.runner
          .execute(
            ({ signal }) =>
              new Observable<string>((inner) => {
                signal.addEventListener('abort', () => {
                  inner.next('last words');
                  inner.error(BOOM);
                });
              }),
            { name: 'e', flavour: world.flavour },
          )
          .subscribe(subscriber);
        world.run();
        world.at(5, () => void world.runner.shutdown());
        world.flush();
        return { ...world, heard: subscriber.heard };
      });
      expect(heard[0]).toBe('last words');
      expect(errorOf(heard)).toMatchObject({ name: 'CancelledError', cause: BOOM });
      // It went to the subscriber, so run() doesn't reject for it.
      expect(await ran()).toMatchObject({ failures: [] });
    });

    it('should error with CancelledError, and the runner be told, when it is overdue', async () => {
      const { heard, events, ran } = virtually(
        flavourCase,
        (world) => {
          const subscriber = ear();
          world.runner
            .execute(({ signal }) => (signal.aborted ? EMPTY : NEVER), {
              name: 'e',
              flavour: world.flavour,
              grace: 20,
            })
            .subscribe(subscriber);
          world.run();
          world.at(5, () => void world.runner.shutdown());
          world.flush();
          return { ...world, heard: subscriber.heard };
        },
        { grace: 99 },
      );
      expect(errorOf(heard)).toBeInstanceOf(CancelledError);
      expect(toldAt(ofTask(events, 'e')).slice(-2)).toEqual([
        '25 overdue e 1 after 20',
        '25 exit e 1 stopped',
      ]);
      const { failures } = (await ran()) as RunnerFailedError;
      expect(failures).toMatchObject([{ task: 'e', error: { name: 'OverdueError' } }]);
    });
  });

  it('should be composed like any Observable: concurrency, retry', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      let running = 0;
      let most = 0;
      const results: unknown[] = [];
      const work = (n: number, { attempt, onTeardown }: TaskContext) => {
        most = Math.max(most, ++running);
        onTeardown(() => running--);
        return timer(10).pipe(map(() => n * attempt));
      };
      let failures = 0;
      const flaky = () => {
        if (++failures < 3) throw BOOM;
        return 'at last';
      };
      range(1, 10)
        .pipe(
          mergeMap((n) => runner.execute(work, { args: [n], flavour }), 3),
          toArray(),
        )
        .subscribe((all) => results.push(all));
      runner
        .execute(flaky, { flavour })
        .pipe(retry(2))
        .subscribe((value) => results.push(value));
      run();
      flush();
      expect(most).toBe(3);
      expect(results).toEqual(['at last', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]);
      expect(runner.tasks()).toEqual([]);
    });
  });

  it('should be restarted by hand, its values going on to the same subscriber', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const subscriber = ear();
      const source = new Subject<number>();
      runner
        .execute(({ attempt }) => concat(of(attempt), source), { name: 'e', flavour })
        .subscribe(subscriber);
      run();
      at(5, () => {
        runner.restart('e');
      });
      at(10, () => {
        source.complete();
      });
      flush();
      expect(subscriber.heard).toEqual([1, 2, 'complete']);
    });
  });
});

describe.each(REAL_FLAVOURS)('execute with promises, on $name', ({ flavour }) => {
  it('should await a promise, and give its rejection to the subscriber', async () => {
    await using runner = new Runner();
    void runner.run();
    const value = runner.execute(async (n: number) => Promise.resolve(n * 2), {
      args: [21],
      flavour,
    });
    await expect(firstValueFrom(value)).resolves.toBe(42);
    const rejected = runner.execute(async () => Promise.reject(BOOM), { flavour });
    await expect(lastValueFrom(rejected)).rejects.toBe(BOOM);
  });

  it('should be cancelled through the signal, and watch a promise to its end (PITFALLS A7)', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const ran = runner.run();
    let reason: StopReason | undefined;
    const subscription = runner
      .execute(
        async ({ signal }) => {
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve);
          });
          reason = signal.reason as StopReason;
          await turn();
          throw BOOM;
        },
        { name: 'e', flavour },
      )
      .subscribe();
    await turn();
    subscription.unsubscribe();
    const report = await runner.shutdown();
    expect(reason).toEqual({ type: 'unsubscribe' });
    expect(report.tolerated).toEqual([{ task: 'e', error: BOOM }]);
    expect(told(ofTask(events, 'e')).at(-1)).toBe('exit e 1 stopped');
    await expect(ran).resolves.toBe(report);
  });

  it.each<[string, () => Observable<number> | Promise<number>, string[], string]>([
    ['values and the end', () => Promise.resolve(1), ['next 1', 'complete'], 'completed'],
    [
      'the error',
      () =>
        concat(
          of(1),
          throwError(() => BOOM),
        ),
      ['next 1', 'error Error: boom'],
      'failed',
    ],
  ])(
    'should go on to its end whatever a subscriber that RxJS does not fence makes of %s',
    async (_what, payload, surfaced, outcome) => {
      const runner = new Runner();
      const events = observe(runner);
      const errors = await surfacing(async () => {
        runner.execute(payload, { name: 'a', flavour }).subscribe(bare());
        await expect(runner.run({ until: 'idle' })).resolves.toMatchObject({ failures: [] });
      });
      expect(only(events, 'exit')).toMatchObject({ outcome, fatal: false });
      expect(errors).toEqual(surfaced.map((message) => new Error(message)));
    },
  );

  it('should let the error surface when the subscriber has no handler for it, as RxJS does', async () => {
    await using runner = new Runner();
    void runner.run();
    const errors = await surfacing(async () => {
      runner
        .execute(
          () => {
            throw BOOM;
          },
          { flavour },
        )
        .subscribe();
      await turn();
    });
    expect(errors).toEqual([BOOM]);
    expect(runner.state).toBe('running');
  });
});
