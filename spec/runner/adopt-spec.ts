import { describe, expect, it } from '@jest/globals';
import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concat,
  map,
  of,
  observable,
  take,
  throwError,
  timer,
} from 'rxjs';
import {
  OrphanedValueError,
  Runner,
  type RunnerFailedError,
  type StopReason,
  type TaskContext,
} from '../../src/index.js';
import {
  REAL_FLAVOURS,
  VIRTUAL_FLAVOURS,
  bare,
  next,
  observe,
  ofTask,
  only,
  surfacing,
  tell,
  told,
  toldAt,
  turn,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

type AnyGenerator = Generator<number> | AsyncGenerator<number>;

/** Writes down what a subscriber gets. */
function listen<T>(source$: Observable<T>): unknown[] {
  const heard: unknown[] = [];
  source$.subscribe({
    next: (value) => heard.push(value),
    error: (error: unknown) => heard.push({ error }),
    complete: () => heard.push('complete'),
  });
  return heard;
}

describe.each(VIRTUAL_FLAVOURS)('adopt, on $name', (flavourCase) => {
  describe('when a payload runs', () => {
    it("should never run it in the caller's stack, not even on a scheduler that would (PITFALLS A27)", () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        let entered = 0;
        const payload = () => {
          entered++;
        };

        run();
        runner.adopt(payload, { flavour });
        expect(entered).toBe(0);
        flush();
        expect(entered).toBe(1);
      });
    });

    it("should not run it in the stack of run() either, and tell 'up' first", () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let entered = false;
        runner.adopt(
          () => {
            entered = true;
          },
          { name: 'a', flavour },
        );

        run();
        expect(entered).toBe(false);
        flush();
        expect(told(events)).toEqual(['up', 'start a 1', 'exit a 1 completed']);
      });
    });

    it('should let tasks wait for run(), then start them in the order of adoption', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        for (const name of ['c', 'a', 'b']) runner.adopt(NEVER, { name, flavour });
        at(7, run);
        expect(runner.tasks().map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
        flush();
        expect(toldAt(events)).toEqual(['7 up', '7 start c 1', '7 start a 1', '7 start b 1']);
      });
    });

    it('should start what is adopted while it runs, in the order of adoption', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        run();
        at(3, () => {
          for (const name of ['c', 'a', 'b']) runner.adopt(NEVER, { name, flavour });
        });
        flush();
        expect(toldAt(events)).toEqual(['0 up', '3 start c 1', '3 start a 1', '3 start b 1']);
      });
    });

    it('should subscribe an Observable once per attempt, and unsubscribe it at its end', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        let subscribed = 0;
        let finalized = 0;
        const source$ = new Observable<never>((subscriber) => {
          subscribed++;
          if (subscribed < 3) subscriber.error(BOOM);
          return () => finalized++;
        });
        runner.adopt(source$, { flavour, restart: 'on-failure', backoff: () => 10 });
        expect(subscribed).toBe(0);
        run();
        at(1, () => {
          expect([subscribed, finalized]).toEqual([1, 1]);
        });
        flush();
        expect([subscribed, finalized]).toEqual([3, 2]);
      });
    });

    it('should call a function once per attempt with its arguments, and the context after them', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const calls: unknown[][] = [];
        const payload = (a: number, b: string, context: TaskContext) => {
          calls.push([a, b, context.name, context.attempt]);
          if (context.attempt < 2) throw BOOM;
        };
        runner.adopt(payload, { name: 'f', args: [1, 'b'], flavour, restart: 'on-failure' });
        run();
        flush();
        expect(calls).toEqual([
          [1, 'b', 'f', 1],
          [1, 'b', 'f', 2],
        ]);
      });
    });

    it('should put the context at position args.length, however many parameters the function names', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const calls: unknown[][] = [];
        const payload = (...all: unknown[]) => {
          calls.push(all.map((each) => (typeof each === 'object' ? 'context' : each)));
        };
        runner.adopt(payload as (context: TaskContext) => void, { flavour });
        runner.adopt(payload as (a: number, context: TaskContext) => void, { flavour, args: [7] });
        run();
        flush();
        expect(calls).toEqual([['context'], [7, 'context']]);
      });
    });

    it('should lead a life for each adoption of the same payload', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(EMPTY, { name: 'a', flavour });
        runner.adopt(EMPTY, { name: 'b', flavour });
        run();
        flush();
        const exits = events.filter(({ type }) => type === 'exit');
        expect(told(exits)).toEqual(['exit a 1 completed', 'exit b 1 completed']);
      });
    });
  });

  describe('values: observed is handled', () => {
    it('should give a value to everybody who is subscribed at that moment', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const source = new Subject<string>();
        const task$ = runner.adopt(source, { flavour });
        const early = listen(task$);
        let late: unknown[] = [];
        run();
        at(1, () => {
          source.next('a');
        });
        at(2, () => {
          late = listen(task$);
        });
        at(3, () => {
          source.next('b');
        });
        flush();
        expect(early).toEqual(['a', 'b']);
        expect(late).toEqual(['b']);
      });
    });

    it('should miss nothing in a subscription made in the tick of adopt', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        let heard: unknown[] = [];
        run();
        at(1, () => {
          heard = listen(runner.adopt(of(1, 2, 3), { flavour }));
        });
        flush();
        expect(heard).toEqual([1, 2, 3, 'complete']);
      });
    });

    it('should deliver in order, through operators, what comes synchronously and what comes later', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const source$ = concat(of(1, 2), timer(5).pipe(map(() => 3)), of(4));
        const heard = listen(runner.adopt(source$, { flavour }).pipe(map((n) => n * 10)));
        run();
        flush();
        expect(heard).toEqual([10, 20, 30, 40, 'complete']);
      });
    });

    it('should crash the attempt with OrphanedValueError when nobody is subscribed', async () => {
      const { events, ran, heard, finalized } = virtually(flavourCase, (world) => {
        let finalized = 0;
        const source$ = new Observable<number>((subscriber) => {
          subscriber.next(42);
          subscriber.next(43);
          return () => finalized++;
        });
        const task$ = world.runner.adopt(source$, { name: 'tick', flavour: world.flavour });
        world.run();
        world.flush();
        return { ...world, heard: listen(task$), finalized };
      });

      const { error, restarting } = only(events, 'crash');
      expect(error).toBeInstanceOf(OrphanedValueError);
      expect(error).toMatchObject({
        task: 'tick',
        value: 42,
        code: 'ERR_RXVISOR_ORPHANED_VALUE',
        message:
          'task "tick" emitted 42 and nobody is subscribed: subscribe to what adopt() returned, or pipe ignoreElements()',
      });
      expect(restarting).toBe(false);
      expect(finalized).toBe(1);
      expect(heard).toEqual(['complete']);
      expect(told(events)).toEqual([
        'up',
        'start tick 1',
        'crash tick 1',
        'exit tick 1 failed fatal',
        'shutdown (failure)',
        'down',
      ]);
      const failure = (await ran()) as RunnerFailedError;
      expect(failure.cause).toBe(error);
      expect(failure.failures).toEqual([{ task: 'tick', error }]);
    });

    it.each([[null], [0], [''], [false], [[]], [Number.NaN], [{}]])(
      'should count %j as a value like any other',
      (value) => {
        virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
          const heard = listen(runner.adopt(of(value), { flavour }));
          runner.adopt(of(value), { name: 'orphaned', flavour });
          run();
          flush();
          expect(heard).toEqual([value, 'complete']);
          expect(only(events, 'crash', 'orphaned').error).toMatchObject({ value });
        });
      },
    );

    it('should neither deliver nor orphan undefined', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const heard = listen(runner.adopt(of(undefined, 1, undefined), { name: 'a', flavour }));
        runner.adopt(of(undefined), { name: 'b', flavour });
        run();
        flush();
        expect(heard).toEqual([1, 'complete']);
        expect(told(ofTask(events, 'b'))).toEqual(['start b 1', 'exit b 1 completed']);
      });
    });

    it('should go on when a subscriber leaves, and orphan the next value', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const heard: number[] = [];
        const source$ = concat(of(1), timer(5).pipe(map(() => 2)));
        runner
          .adopt(source$, { name: 'a', flavour })
          .pipe(take(1))
          .subscribe((value) => heard.push(value));
        run();
        flush();
        expect(heard).toEqual([1]);
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '5 crash a 1',
          '5 exit a 1 failed fatal',
        ]);
      });
    });

    it('should not stop the task when its last subscriber leaves', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const subscription = runner.adopt(timer(9).pipe(map(() => undefined)), {
          name: 'a',
          flavour,
        });
        const leaving = subscription.subscribe();
        run();
        at(1, () => {
          leaving.unsubscribe();
        });
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual(['0 start a 1', '9 exit a 1 completed']);
      });
    });

    it("should abort the signal with type 'failure' when a value is orphaned", () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let signal: AbortSignal | undefined;
        runner.adopt(
          (context) => {
            signal = context.signal;
            return new Observable<number>((subscriber) => {
              context.signal.addEventListener('abort', () => {
                subscriber.complete();
              });
              subscriber.next(1);
            });
          },
          { name: 'a', flavour },
        );
        run();
        flush();
        const { error } = only(events, 'crash');
        expect(signal?.aborted).toBe(true);
        expect(signal?.reason as StopReason).toEqual({ type: 'failure', cause: error });
        expect(told(ofTask(events, 'a'))).toEqual([
          'start a 1',
          'crash a 1',
          'exit a 1 failed fatal',
        ]);
      });
    });

    it('should restart a task that orphaned a value when its policy takes crashes', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const task$ = runner.adopt(concat(of('v'), NEVER), {
          name: 'a',
          flavour,
          restart: 'on-failure',
        });
        let heard: unknown[] = [];
        run();
        at(500, () => {
          heard = listen(task$);
        });
        flush();
        expect(heard).toEqual(['v']);
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '0 crash a 1 restarting',
          '0 restart a 1 in 1000 (crash)',
          '1000 start a 2',
        ]);
      });
    });

    it('should deliver no value of an attempt that has crashed (an orphan ends it)', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const heard: unknown[] = [];
        const source$ = new Observable<number>((subscriber) => {
          subscriber.next(1);
          task$.subscribe((value) => heard.push(value));
          subscriber.next(2);
        });
        const task$ = runner.adopt(source$, { name: 'a', flavour });
        run();
        flush();
        expect(heard).toEqual([]);
        expect(events.filter(({ type }) => type === 'crash')).toHaveLength(1);
      });
    });

    it('should let a subscriber stop the task from inside its next handler', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const heard: number[] = [];
        const task$ = runner.adopt(of(1, 2, 3), { name: 'a', flavour });
        task$.subscribe((value) => {
          heard.push(value);
          if (value === 2) void task$.stop('enough');
        });
        run();
        flush();
        expect(heard).toEqual([1, 2]);
        expect(told(ofTask(events, 'a'))).toEqual([
          'start a 1',
          'stopping a 1 (stop)',
          'exit a 1 stopped',
        ]);
      });
    });
  });

  describe('the end, as subscribers see it', () => {
    const ENDS: readonly [string, (context: TaskContext) => unknown][] = [
      ['completed', () => undefined],
      ['crashed', () => throwError(() => BOOM)],
      [
        'thrown',
        () => {
          throw BOOM;
        },
      ],
      ['orphaned a value', () => of(1)],
      [
        'been stopped',
        (context) => {
          // With no reader of the signal, an Observable is unsubscribed at once.
          void context.name;
          return NEVER;
        },
      ],
    ];

    it.each(ENDS)(
      'should be a completion, early and late, of a task that has %s',
      (how, payload) => {
        virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
          const task$ = runner.adopt(payload as () => Observable<never>, { flavour });
          const early: string[] = [];
          const observer = {
            error: () => early.push('error'),
            complete: () => early.push('complete'),
          };
          // Its subscription is made later where one would take the value that is to be orphaned.
          if (how !== 'orphaned a value') task$.subscribe(observer);
          run();
          at(5, () => {
            void task$.stop();
          });
          flush();
          if (how !== 'orphaned a value') expect(early).toEqual(['complete']);
          expect(listen(task$)).toEqual(['complete']);
        });
      },
    );

    it('should be a completion for a task that waited for run() and was shut down', () => {
      virtually(flavourCase, ({ runner, flavour, flush, events }) => {
        const heard = listen(runner.adopt(of(1), { name: 'a', flavour }));
        void runner.shutdown();
        flush();
        expect(heard).toEqual(['complete']);
        expect(told(events)).toEqual(['shutdown (shutdown)', 'exit a 0 stopped', 'down']);
      });
    });

    it('should be told after `exit`, so that a subscriber finds the task gone', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let last: string | undefined;
        let living: number | undefined;
        runner.adopt(EMPTY, { name: 'a', flavour }).subscribe({
          complete: () => {
            last = tell(events.at(-1)!);
            living = runner.tasks().length;
          },
        });
        run();
        flush();
        expect(last).toBe('exit a 1 completed');
        expect(living).toBe(0);
      });
    });
  });

  describe("errors: 'deliver'", () => {
    it('should hand the final error, the very same object, to all subscribers and not to the runner', async () => {
      const { ran, heard, events } = virtually(flavourCase, (world) => {
        const task$ = world.runner.adopt(
          throwError(() => BOOM),
          { name: 'a', flavour: world.flavour, errors: 'deliver' },
        );
        const heard = [listen(task$), listen(task$)];
        world.run();
        world.flush();
        expect(world.runner.state).toBe('running');
        heard.push(listen(task$));
        return { ...world, heard };
      });
      for (const each of heard) {
        expect(each).toHaveLength(1);
        expect((each[0] as { error: unknown }).error).toBe(BOOM);
      }
      expect(told(ofTask(events, 'a'))).toEqual(['start a 1', 'crash a 1', 'exit a 1 failed']);
      expect(only(events, 'exit').error).toBe(BOOM);
      expect(await ran()).toMatchObject({ failures: [], counts: { failed: 1 } });
    });

    it('should be fatal all the same when nobody is subscribed; who comes late gets the error', async () => {
      const { ran, heard } = virtually(flavourCase, (world) => {
        const task$ = world.runner.adopt(
          throwError(() => BOOM),
          { name: 'a', flavour: world.flavour, errors: 'deliver' },
        );
        world.run();
        world.flush();
        return { ...world, heard: listen(task$) };
      });
      expect(heard).toEqual([{ error: BOOM }]);
      expect(((await ran()) as RunnerFailedError).cause).toBe(BOOM);
    });

    it('should be fatal when the last subscriber has left before', async () => {
      const ran = virtually(flavourCase, (world) => {
        const source = new Subject<never>();
        const { runner, flavour } = world;
        const leaving = runner.adopt(source, { flavour, errors: 'deliver' }).subscribe();
        world.run();
        world.at(1, () => {
          leaving.unsubscribe();
          source.error(BOOM);
        });
        world.flush();
        return world.ran();
      });
      expect(((await ran) as RunnerFailedError).cause).toBe(BOOM);
    });

    it('should deliver the final error only, when attempts follow each other', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        let n = 0;
        const heard = listen(
          runner.adopt(
            throwError(() => `error ${++n}`),
            { flavour, errors: 'deliver', restart: 'on-failure', maxRestarts: 2 },
          ),
        );
        run();
        flush();
        expect(n).toBe(3);
        expect(heard).toMatchObject([{ error: { name: 'RestartLimitError', cause: 'error 3' } }]);
      });
    });

    it.each([[undefined], [null], ['text'], [0]])(
      'should deliver %p, thrown, as an error',
      (thrown) => {
        virtually(flavourCase, ({ runner, flavour, run, flush }) => {
          const task$ = runner.adopt(
            throwError(() => thrown),
            { flavour, errors: 'deliver' },
          );
          const heard = listen(task$);
          run();
          flush();
          expect(heard).toEqual([{ error: thrown }]);
          expect(listen(task$)).toEqual([{ error: thrown }]);
        });
      },
    );

    it('should see a completion after a completion, and after a stop', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const done$ = runner.adopt(EMPTY, { flavour, errors: 'deliver' });
        const stopped$ = runner.adopt(NEVER, { flavour, errors: 'deliver' });
        const heard = [listen(done$), listen(stopped$)];
        run();
        flush();
        void stopped$.stop();
        flush();
        heard.push(listen(done$), listen(stopped$));
        expect(heard).toEqual(Array(4).fill(['complete']));
      });
    });
  });

  it('should be a task with a path and a stop() that resolves when its life is over', async () => {
    const { order, stopped } = virtually(
      flavourCase,
      ({ runner, flavour, run, flush, events, at }) => {
        const task$ = runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => {
              order.push('teardown');
            });
            return NEVER;
          },
          { name: 'web', flavour },
        );
        const order: string[] = [];
        expect(task$.name).toBe('web');
        run();
        let stopped: Promise<void> | undefined;
        at(4, () => {
          stopped = task$.stop('enough').then(() => {
            order.push('stopped');
          });
        });
        flush();
        expect(only(events, 'stopping').reason).toEqual({ type: 'stop', message: 'enough' });
        return { order, stopped };
      },
    );
    await stopped;
    expect(order).toEqual(['teardown', 'stopped']);
  });
});

describe.each(REAL_FLAVOURS)('payloads by their shape, on $name', ({ flavour }) => {
  async function* asynchronous() {
    yield 1;
    await turn();
    yield undefined;
    yield 2;
  }
  function* generator() {
    yield 1;
    yield undefined;
    yield 2;
  }
  const interop = { [observable]: () => of(1, 2), subscribe: () => undefined };
  const SHAPES: readonly [string, () => unknown, unknown[]][] = [
    ['an Observable', () => of(1, 2), [1, 2]],
    ['an interop Observable', () => interop, [1, 2]],
    ['a promise', () => Promise.resolve('v'), ['v']],
    ['a promise of undefined', () => Promise.resolve(undefined), []],
    ['a promise of an Observable, which is one value', () => Promise.resolve(NEVER), [NEVER]],
    ['a thenable', () => ({ then: (resolve: (v: string) => void) => resolve('v') }), ['v']],
    ['an async generator', asynchronous, [1, 2]],
    ['a ReadableStream', () => ReadableStream.from(['a', 'b']), ['a', 'b']],
    ['a generator object', generator, [1, 2]],
    ['a string', () => 'text', ['text']],
    ['an array', () => [1, 2], [[1, 2]]],
    ['a Set', () => new Set([1]), [new Set([1])]],
    ['an iterator that is no generator', () => [1][Symbol.iterator](), [expect.anything()]],
    ['null', () => null, [null]],
    ['0', () => 0, [0]],
    ['nothing', () => undefined, []],
    ['a function', () => turn, [turn]],
  ];

  it.each(SHAPES)('should emit the values of %s', async (_shape, payload, values) => {
    await using runner = new Runner();
    const heard: unknown[] = [];
    const ended = new Promise((resolve) => {
      runner
        .adopt(payload, { flavour })
        .subscribe({ next: (value) => heard.push(value), complete: () => resolve(undefined) });
    });
    const ran = runner.run({ until: 'idle' });
    await ended;
    expect(heard).toEqual(values);
    await expect(ran).resolves.toMatchObject({ counts: { completed: 1 } });
  });

  it.each<[string, () => unknown]>([
    [
      'a function that throws',
      () => {
        throw BOOM;
      },
    ],
    ['an Observable that errors', () => throwError(() => BOOM)],
    [
      'an Observable whose subscription throws',
      () =>
        new Observable(() => {
          throw BOOM;
        }),
    ],
    ['a promise that rejects', () => Promise.reject(BOOM)],
    [
      'a thenable that throws',
      () => ({
        then: () => {
          throw BOOM;
        },
      }),
    ],
    [
      'an async generator that throws',
      async function* () {
        await turn();
        throw BOOM;
      },
    ],
    [
      'a generator that throws',
      function* () {
        throw BOOM;
      },
    ],
    [
      'an async iterable whose iterator cannot be made',
      () => ({
        [Symbol.asyncIterator]: () => {
          throw BOOM;
        },
      }),
    ],
    [
      'an async iterator whose next() throws',
      () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            throw BOOM;
          },
        }),
      }),
    ],
    [
      'an interop Observable that throws',
      () => ({
        [observable]: () => {
          throw BOOM;
        },
      }),
    ],
  ])('should crash with the very same error after %s', async (_how, payload) => {
    const runner = new Runner();
    const events = observe(runner);
    runner.adopt(payload as () => Observable<never>, { name: 'a', flavour });
    const ran = runner.run().catch((error: unknown) => error);
    const failure = (await ran) as RunnerFailedError;
    expect(failure.cause).toBe(BOOM);
    expect(only(events, 'crash').error).toBe(BOOM);
    expect(only(events, 'exit').error).toBe(BOOM);
    expect(failure.failures).toEqual([{ task: 'a', error: BOOM }]);
  });

  it('should adopt an Observable that only has the interop symbol', async () => {
    await using runner = new Runner();
    const heard = listen(runner.adopt(interop as unknown as Observable<number>, { flavour }));
    await runner.run({ until: 'idle' });
    expect(heard).toEqual([1, 2, 'complete']);
  });

  it('should orphan the value of a promise, and end when it has settled', async () => {
    const runner = new Runner();
    const events = observe(runner);
    runner.adopt(async () => Promise.resolve('lost'), { name: 'a', flavour });
    await runner.run().catch(() => undefined);
    expect(only(events, 'crash').error).toMatchObject({ value: 'lost' });
    expect(told(ofTask(events, 'a'))).toEqual(['start a 1', 'crash a 1', 'exit a 1 failed fatal']);
  });

  it('should close an iterator whose value was orphaned', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const closed: string[] = [];
    runner.adopt(
      async function* () {
        try {
          await turn();
          yield 1;
          closed.push('never reached');
        } finally {
          await turn();
          closed.push('finally');
        }
      },
      { name: 'a', flavour },
    );
    await runner.run().catch(() => undefined);
    expect(closed).toEqual(['finally']);
    expect(told(ofTask(events, 'a'))).toEqual(['start a 1', 'crash a 1', 'exit a 1 failed fatal']);
  });

  it('should let a subscriber that throws harm neither the task nor the others (PITFALLS A9)', async () => {
    await using runner = new Runner();
    const heard: unknown[] = [];
    const errors = await surfacing(async () => {
      const task$ = runner.adopt(of(1, 2), { name: 'a', flavour });
      task$.subscribe(() => {
        throw BOOM;
      });
      task$.subscribe((value) => heard.push(value));
      const ended = next(runner, 'exit');
      void runner.run();
      expect(tell(await ended)).toBe('exit a 1 completed');
    });
    expect(heard).toEqual([1, 2]);
    expect(errors).toEqual([BOOM, BOOM]);
  });

  it.each<[string, () => Observable<number> | Promise<number> | AnyGenerator]>([
    ['an Observable', () => of(1)],
    ['a promise', () => Promise.resolve(1)],
    [
      'a generator',
      function* () {
        yield 1;
      },
    ],
    [
      'an async generator',
      async function* () {
        await turn();
        yield 1;
      },
    ],
  ])(
    'should let not even one that RxJS does not fence harm the task or the others: %s',
    async (_payload, payload) => {
      const runner = new Runner();
      const heard: unknown[][] = [];
      const errors = await surfacing(async () => {
        const task$ = runner.adopt(payload, { name: 'a', flavour });
        heard.push(listen(task$));
        task$.subscribe(bare());
        heard.push(listen(task$));
        const { counts, failures } = await runner.run({ until: 'idle' });
        expect([counts.completed, failures]).toEqual([1, []]);
      });
      expect(heard).toEqual([
        [1, 'complete'],
        [1, 'complete'],
      ]);
      expect(errors).toEqual([new Error('next 1'), new Error('complete')]);
    },
  );

  it("should deliver the final error to the others when one that RxJS does not fence throws at it, and to none of the runner's failures", async () => {
    const runner = new Runner();
    const heard: unknown[][] = [];
    const errors = await surfacing(async () => {
      const task$ = runner.adopt(
        throwError(() => BOOM),
        { name: 'a', flavour, errors: 'deliver' },
      );
      task$.subscribe(bare());
      heard.push(listen(task$));
      expect((await runner.run({ until: 'idle' })).failures).toEqual([]);
    });
    expect(heard).toEqual([[{ error: BOOM }]]);
    expect(errors).toEqual([new Error('error Error: boom')]);
  });

  it('should let nothing surface when a failing task has subscribers without an error handler (PITFALLS A8)', async () => {
    const runner = new Runner();
    const errors = await surfacing(async () => {
      runner
        .adopt(
          throwError(() => BOOM),
          { flavour },
        )
        .pipe(map((value) => value))
        .subscribe();
      await runner.run().catch(() => undefined);
    });
    expect(errors).toEqual([]);
  });
});
