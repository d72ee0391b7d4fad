import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, Subject, finalize, of, throwError, timer } from 'rxjs';
import {
  CancelledError,
  OverdueError,
  type RunnerFailedError,
  type StopReason,
  type TaskContext,
} from '../../src/index.js';
import {
  HUNG,
  VIRTUAL_FLAVOURS,
  later,
  ofTask,
  only,
  tell,
  told,
  toldAt,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

/** An Observable that ends `delay` after its signal aborts. */
const endsAfter =
  (delay: number) =>
  ({ signal }: TaskContext) =>
    new Observable<never>((subscriber) => {
      signal.addEventListener('abort', () => {
        timer(delay).subscribe(() => {
          subscriber.complete();
        });
      });
    });

describe.each(VIRTUAL_FLAVOURS)('stopping an attempt, on $name', (flavourCase) => {
  describe('phase one', () => {
    it('should unsubscribe an Observable at once', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at, now }) => {
        let finalizedAt: number | undefined;
        const source$ = NEVER.pipe(finalize(() => (finalizedAt = now())));
        const task$ = runner.adopt(source$, { name: 'a', flavour });
        run();
        at(5, () => void task$.stop());
        flush();
        expect(finalizedAt).toBe(5);
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '5 stopping a 1 (stop)',
          '5 exit a 1 stopped',
        ]);
      });
    });

    it('should unsubscribe the Observable of a function that has not read its signal', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const task$ = runner.adopt(({ name }) => (name ? NEVER : EMPTY), { name: 'a', flavour });
        run();
        at(5, () => void task$.stop());
        flush();
        expect(toldAt(ofTask(events, 'a')).at(-1)).toBe('5 exit a 1 stopped');
      });
    });

    it('should await the completion of an Observable whose function has read its signal', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const task$ = runner.adopt(endsAfter(20), { name: 'a', flavour });
        run();
        at(5, () => void task$.stop());
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '5 stopping a 1 (stop)',
          '25 exit a 1 stopped',
        ]);
      });
    });

    it('should deliver what such an Observable still emits while it stops', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        const heard: string[] = [];
        const task$ = runner.adopt(
          ({ signal }) =>
            new Observable<string>((subscriber) => {
              signal.addEventListener('abort', () => {
                subscriber.next('last words');
                subscriber.complete();
              });
            }),
          { flavour },
        );
        task$.subscribe((value) => heard.push(value));
        run();
        at(5, () => void task$.stop());
        flush();
        expect(heard).toEqual(['last words']);
      });
    });

    it('should abort the signal once, before any teardown, with the reason that was told', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        const order: string[] = [];
        let reason: unknown;
        const task$ = runner.adopt(
          ({ signal, onTeardown }) =>
            new Observable<never>((subscriber) => {
              onTeardown(() => order.push(`teardown, aborted: ${signal.aborted}`));
              signal.addEventListener('abort', () => {
                order.push('abort');
                reason = signal.reason;
                subscriber.complete();
              });
            }),
          { name: 'a', flavour },
        );
        run();
        at(1, () => void task$.stop({ message: 'enough' }));
        flush();
        expect(order).toEqual(['abort', 'teardown, aborted: true']);
        expect(reason).toBe(only(events, 'stopping').reason);
        expect(reason).toEqual({ type: 'stop', message: 'enough' });
      });
    });

    it('should not abort the signal of an attempt that ends by itself', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush }) => {
        const signals: AbortSignal[] = [];
        const payload =
          (end$: Observable<never>) =>
          ({ signal }: TaskContext) => {
            signals.push(signal);
            return end$;
          };
        runner.adopt(payload(EMPTY), { flavour });
        runner.adopt(payload(throwError(() => BOOM)), { flavour });
        run();
        flush();
        expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
      });
    });

    it('should make a signal that is first read after the stop an aborted one', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        let context!: TaskContext;
        const task$ = runner.adopt(
          (given) => {
            context = given;
            return NEVER;
          },
          { flavour },
        );
        run();
        at(1, () => void task$.stop('late'));
        flush();
        expect(context.signal.aborted).toBe(true);
        expect(context.signal.reason as StopReason).toEqual({ type: 'stop', message: 'late' });
      });
    });
  });

  describe('errors while stopping', () => {
    const failing = (toError: (signal: AbortSignal) => unknown) => (context: TaskContext) => {
      const { signal } = context;
      return new Observable<never>((subscriber) => {
        signal.addEventListener('abort', () => {
          subscriber.error(toError(signal));
        });
      });
    };

    it.each<[string, (signal: AbortSignal) => unknown]>([
      ['the reason itself', (signal) => signal.reason as unknown],
      ['an AbortError of the DOM', () => new DOMException('aborted', 'AbortError')],
      ['an AbortError by name', () => Object.assign(new Error('aborted'), { name: 'AbortError' })],
    ])('should take %s for the normal end', async (_what, toError) => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(failing(toError), { name: 'a', flavour: world.flavour });
        world.run();
        world.at(5, () => void world.runner.stop('a'));
        world.flush();
        return world;
      });
      expect(told(ofTask(events, 'a'))).toEqual([
        'start a 1',
        'stopping a 1 (stop)',
        'exit a 1 stopped',
      ]);
      expect(only(events, 'exit')).not.toHaveProperty('error');
      expect(await ran()).toMatchObject({ failures: [], tolerated: [] });
    });

    it('should keep any other error as a failure that is not fatal but makes run() reject at the end', async () => {
      const { ran, events, states } = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        const states: string[] = [];
        runner.adopt(
          failing(() => BOOM),
          { name: 'a', flavour, restart: 'always', backoff: () => 1 },
        );
        runner.adopt(NEVER, { name: 'b', flavour });
        world.run();
        at(5, () => void runner.stop('a'));
        at(100, () => states.push(runner.state));
        world.flush();
        return { ...world, states };
      });
      expect(states).toEqual(['running']);
      expect(told(ofTask(events, 'a'))).toEqual([
        'start a 1',
        'stopping a 1 (stop)',
        'crash a 1',
        'exit a 1 stopped',
      ]);
      expect(only(events, 'exit', 'a').error).toBe(BOOM);
      const failure = (await ran()) as RunnerFailedError;
      expect(failure.cause).toBe(BOOM);
      expect(failure.failures).toEqual([{ task: 'a', error: BOOM }]);
      expect(failure.report.counts).toEqual({ completed: 0, stopped: 2, failed: 0 });
    });

    it.each([[undefined], [null], ['text']])(
      'should keep %p, thrown while stopping',
      async (thrown) => {
        const { ran, events } = virtually(flavourCase, (world) => {
          world.runner.adopt(
            failing(() => thrown),
            { name: 'a', flavour: world.flavour },
          );
          world.run();
          world.at(5, () => void world.runner.stop('a'));
          world.flush();
          return world;
        });
        expect(only(events, 'exit')).toHaveProperty('error', thrown);
        expect(((await ran()) as RunnerFailedError).failures).toEqual([
          { task: 'a', error: thrown },
        ]);
      },
    );

    it('should never restart the task for one (PITFALLS C14), except when a restart by hand is what stopped it', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        runner.adopt(
          failing(() => BOOM),
          { name: 'a', flavour },
        );
        world.run();
        at(5, () => {
          runner.restart('a');
        });
        at(9, () => void runner.stop('a'));
        world.flush();
        return world;
      });
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '5 stopping a 1 (restart)',
        '5 crash a 1 restarting',
        '5 restart a 1 in 0 (manual)',
        '5 start a 2',
        '9 stopping a 2 (stop)',
        '9 crash a 2',
        '9 exit a 2 stopped',
      ]);
      expect(((await ran()) as RunnerFailedError).failures).toHaveLength(2);
    });

    it('should take an abort-like error that nobody asked for as a crash (PITFALLS D5)', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const error = new DOMException('aborted', 'AbortError');
        runner.adopt(
          throwError(() => error),
          { name: 'a', flavour },
        );
        run();
        flush();
        expect(only(events, 'crash').error).toBe(error);
        expect(only(events, 'exit')).toMatchObject({ outcome: 'failed', fatal: true });
      });
    });

    it('should keep an orphaned value of a stopping attempt as a failure', async () => {
      const ran = virtually(flavourCase, (world) => {
        world.runner.adopt(
          ({ signal }) =>
            new Observable<number>((subscriber) => {
              signal.addEventListener('abort', () => {
                subscriber.next(1);
                subscriber.complete();
              });
            }),
          { name: 'a', flavour: world.flavour },
        );
        world.run();
        world.at(5, () => void world.runner.stop('a'));
        world.flush();
        return world.ran();
      });
      expect(((await ran) as RunnerFailedError).cause).toMatchObject({
        code: 'ERR_RXVISOR_ORPHANED_VALUE',
        value: 1,
      });
    });

    it('should tell one crash of an attempt at the most, and keep every failure', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(
          ({ signal }) =>
            new Observable<number>((subscriber) => {
              signal.addEventListener('abort', () => {
                subscriber.next(1);
                subscriber.error(BOOM);
              });
            }),
          { name: 'a', flavour: world.flavour },
        );
        world.run();
        world.at(5, () => void world.runner.stop('a'));
        world.flush();
        return world;
      });
      expect(told(ofTask(events, 'a'))).toEqual([
        'start a 1',
        'stopping a 1 (stop)',
        'crash a 1',
        'exit a 1 stopped',
      ]);
      expect(only(events, 'exit').error).toMatchObject({ value: 1 });
      expect(((await ran()) as RunnerFailedError).failures).toMatchObject([
        { error: { value: 1 } },
        { error: BOOM },
      ]);
    });

    it('should take a cancellation for another reason than its own for a failure (PITFALLS D5)', async () => {
      const foreign = new CancelledError('other', Object.freeze({ type: 'stop' }));
      const ran = virtually(flavourCase, (world) => {
        world.runner.adopt(
          failing(() => foreign),
          { name: 'a', flavour: world.flavour },
        );
        world.run();
        world.at(5, () => void world.runner.stop('a'));
        world.flush();
        return world.ran();
      });
      expect(((await ran) as RunnerFailedError).cause).toBe(foreign);
    });

    it("should keep what an Observable's finalizers throw, every one, and let none escape (PITFALLS A3)", async () => {
      const errors = ['first', 'second'];
      const { ran, events } = virtually(flavourCase, (world) => {
        const source$ = new Observable<never>((subscriber) => {
          for (const error of errors) {
            subscriber.add(() => {
              throw error;
            });
          }
        });
        world.runner.adopt(source$, { name: 'a', flavour: world.flavour });
        world.run();
        world.at(5, () => void world.runner.stop('a'));
        world.flush();
        return world;
      });
      expect(only(events, 'exit')).toMatchObject({ outcome: 'stopped', error: 'first' });
      expect(((await ran()) as RunnerFailedError).failures).toEqual(
        errors.map((error) => ({ task: 'a', error })),
      );
    });
  });

  describe('phase two: grace', () => {
    it('should abandon an attempt exactly `grace` after it was asked, and name it', async () => {
      const { ran, events } = virtually(
        flavourCase,
        (world) => {
          world.runner.adopt(({ signal }) => (signal.aborted ? EMPTY : NEVER), {
            name: 'a',
            flavour: world.flavour,
          });
          world.run();
          world.at(7, () => void world.runner.stop('a'));
          world.at(1_000, () => void world.runner.shutdown());
          world.flush();
          return world;
        },
        { grace: 30 },
      );
      expect(toldAt(events)).toEqual([
        '0 up',
        '0 start a 1',
        '7 stopping a 1 (stop)',
        '37 overdue a 1 after 30',
        '37 exit a 1 stopped',
        '1000 shutdown (shutdown)',
        '1000 down',
      ]);
      const failure = (await ran()) as RunnerFailedError;
      expect(failure.cause).toBeInstanceOf(OverdueError);
      expect(failure.cause).toMatchObject({ task: 'a', grace: 30, code: 'ERR_RXVISOR_OVERDUE' });
      expect(failure.report.stragglers).toEqual([
        {
          task: 'a',
          flavour: events[1] && 'flavour' in events[1] ? events[1].flavour : '',
          age: 1_000,
        },
      ]);
    });

    it('should not abandon one that ends just in time', () => {
      virtually(
        flavourCase,
        ({ runner, flavour, run, flush, events, at }) => {
          runner.adopt(endsAfter(29), { name: 'a', flavour });
          run();
          at(1, () => void runner.stop('a'));
          flush();
          expect(toldAt(ofTask(events, 'a')).at(-1)).toBe('30 exit a 1 stopped');
          expect(told(events).join()).not.toContain('overdue');
        },
        { grace: 30 },
      );
    });

    it('should let a task have a grace of its own, Infinity included', () => {
      virtually(
        flavourCase,
        ({ runner, flavour, run, flush, events, at }) => {
          runner.adopt(endsAfter(500), { name: 'short', flavour, grace: 10 });
          runner.adopt(endsAfter(500), { name: 'long', flavour, grace: Infinity });
          runner.adopt(endsAfter(500), { name: 'none', flavour, grace: 0 });
          run();
          at(1, () => {
            for (const { name } of runner.tasks()) void runner.stop(name);
          });
          flush();
          expect(toldAt(ofTask(events, 'short')).slice(-2)).toEqual([
            '11 overdue short 1 after 10',
            '11 exit short 1 stopped',
          ]);
          expect(toldAt(ofTask(events, 'none')).slice(-2)).toEqual([
            '1 overdue none 1 after 0',
            '1 exit none 1 stopped',
          ]);
          expect(toldAt(ofTask(events, 'long')).at(-1)).toBe('501 exit long 1 stopped');
        },
        { grace: 30 },
      );
    });

    it.each<[string, (context: TaskContext) => unknown, string[]]>([
      [
        'a stop',
        ({ onTeardown }) => {
          onTeardown(() => HUNG);
          return NEVER;
        },
        ['0 start a 1', '5 stopping a 1 (stop)', '35 overdue a 1 after 30', '35 exit a 1 stopped'],
      ],
      [
        'a completion',
        ({ onTeardown }) => {
          onTeardown(() => HUNG);
        },
        ['0 start a 1', '30 overdue a 1 after 30', '30 exit a 1 completed'],
      ],
      [
        'a crash',
        ({ onTeardown }) => {
          onTeardown(() => HUNG);
          throw BOOM;
        },
        ['0 start a 1', '0 crash a 1', '30 overdue a 1 after 30', '30 exit a 1 failed fatal'],
      ],
    ])('should bound a hung teardown after %s', async (how, payload, expected) => {
      const { ran, events } = virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, at } = world;
          runner.adopt(payload as () => Observable<never>, { name: 'a', flavour });
          world.run();
          if (how === 'a stop') at(5, () => void runner.stop('a'));
          world.flush();
          return world;
        },
        { grace: 30 },
      );
      expect(toldAt(ofTask(events, 'a'))).toEqual(expected);
      const { failures, report } = (await ran()) as RunnerFailedError;
      expect(report.stragglers).toMatchObject([{ task: 'a' }]);
      // What went wrong first is first: a crash before the teardown that hung after it.
      expect(
        failures.map(({ error }) => (error === BOOM ? 'boom' : (error as Error).name)),
      ).toEqual(how === 'a crash' ? ['boom', 'OverdueError'] : ['OverdueError']);
    });

    it.each<[string, (context: TaskContext) => unknown, { restart: 'on-failure' | 'always' }]>([
      [
        'a crash',
        ({ onTeardown }) => {
          onTeardown(() => HUNG);
          throw BOOM;
        },
        { restart: 'on-failure' },
      ],
      [
        'a completion',
        ({ onTeardown }) => {
          onTeardown(() => HUNG);
        },
        { restart: 'always' },
      ],
    ])(
      'should never start an attempt beside an abandoned one: the life fails with OverdueError after %s',
      async (_how, payload, policy) => {
        const { ran, events } = virtually(
          flavourCase,
          (world) => {
            const { runner, flavour } = world;
            runner.adopt(payload as () => Observable<never>, { name: 'a', flavour, ...policy });
            world.run();
            world.flush();
            return world;
          },
          { grace: 30 },
        );
        expect(told(ofTask(events, 'a')).slice(-2)).toEqual([
          'overdue a 1 after 30',
          'exit a 1 failed fatal',
        ]);
        expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
        const { error } = only(events, 'exit');
        expect(error).toBeInstanceOf(OverdueError);
        const { cause, failures } = (await ran()) as RunnerFailedError;
        expect(cause).toBe(error);
        expect(failures).toEqual([{ task: 'a', error }]);
      },
    );

    it('should fail a restart by hand for the same reason', async () => {
      const { ran, events } = virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, at } = world;
          runner.adopt(({ signal }) => (signal.aborted ? EMPTY : NEVER), { name: 'a', flavour });
          world.run();
          at(5, () => {
            runner.restart('a');
          });
          world.flush();
          return world;
        },
        { grace: 30 },
      );
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '5 stopping a 1 (restart)',
        '35 overdue a 1 after 30',
        '35 exit a 1 failed fatal',
      ]);
      expect(((await ran()) as RunnerFailedError).cause).toBeInstanceOf(OverdueError);
    });

    it('should fail it too when the attempt ends as an observer is told of `overdue`: it was given up', () => {
      virtually(
        flavourCase,
        ({ runner, flavour, run, flush, events, at }) => {
          const source = new Subject<never>();
          runner.events$.subscribe(({ type }) => {
            if (type === 'overdue') source.complete();
          });
          const payload = ({ signal }: TaskContext) => (signal.aborted ? EMPTY : source);
          runner.adopt(payload, { name: 'a', flavour });
          run();
          at(5, () => {
            runner.restart('a');
          });
          flush();
          expect(told(ofTask(events, 'a')).slice(2)).toEqual([
            'overdue a 1 after 30',
            'exit a 1 failed fatal',
          ]);
          expect(only(events, 'down').report.stragglers).toEqual([]);
        },
        { grace: 30 },
      );
    });

    it('should hear of no crash after `overdue`: what an abandoned attempt still fails with is tolerated', async () => {
      const { ran, events, heard } = virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, at } = world;
          const heard: unknown[] = [];
          runner
            .adopt(
              ({ signal }) =>
                new Observable<number>((subscriber) => {
                  signal.addEventListener('abort', () => {
                    timer(50).subscribe(() => {
                      subscriber.next(1);
                      subscriber.error(BOOM);
                    });
                  });
                }),
              { name: 'a', flavour },
            )
            .subscribe((value) => heard.push(value));
          world.run();
          at(0, () => void runner.stop('a'));
          at(100, () => void runner.shutdown());
          world.flush();
          return { ...world, heard };
        },
        { grace: 30 },
      );
      expect(heard).toEqual([]);
      expect(told(ofTask(events, 'a')).slice(-2)).toEqual([
        'overdue a 1 after 30',
        'exit a 1 stopped',
      ]);
      const { report } = (await ran()) as RunnerFailedError;
      expect(report.tolerated).toEqual([{ task: 'a', error: BOOM }]);
      expect(report.failures).toHaveLength(1);
    });

    it('should not name as a straggler what was over at last before the report', async () => {
      const ran = virtually(
        flavourCase,
        ({ runner, flavour, run, flush, at, ran }) => {
          runner.adopt(endsAfter(50), { name: 'a', flavour });
          run();
          at(0, () => void runner.stop('a'));
          at(100, () => void runner.shutdown());
          flush();
          return ran();
        },
        { grace: 30 },
      );
      const { report } = (await ran) as RunnerFailedError;
      expect(report.stragglers).toEqual([]);
      expect(report.failures).toMatchObject([{ task: 'a', error: { name: 'OverdueError' } }]);
    });

    it('should run the teardowns of an abandoned attempt when it ends at last', () => {
      virtually(
        flavourCase,
        ({ runner, flavour, run, flush, at, now }) => {
          let tornDownAt: number | undefined;
          runner.adopt(
            (context) => {
              context.onTeardown(() => (tornDownAt = now()));
              return endsAfter(50)(context);
            },
            { name: 'a', flavour },
          );
          run();
          at(0, () => void runner.stop('a'));
          flush();
          expect(tornDownAt).toBe(50);
        },
        { grace: 30 },
      );
    });
  });

  it('should wait for ever with a grace of Infinity, longer than any timer can', () => {
    virtually(
      flavourCase,
      ({ runner, flavour, run, flush, at }) => {
        runner.adopt(({ signal }) => (signal.aborted ? EMPTY : NEVER), { name: 'a', flavour });
        run();
        at(5, () => void runner.stop('a'));
        at(2 ** 32, () => {
          expect(runner.tasks()).toMatchObject([{ name: 'a', state: 'stopping' }]);
          void runner.shutdown();
        });
        flush();
        expect(runner.state).toBe('stopped');
      },
      { grace: Infinity },
    );
  });

  it('should leave no timer of a grace behind, in whatever steps the attempt has ended', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at, now }) => {
      runner.adopt(
        (context) => {
          context.onTeardown(() => later(10));
          context.adopt(endsAfter(5), { flavour });
          return endsAfter(20)(context);
        },
        { name: 'a', flavour },
      );
      run();
      at(1, () => void runner.stop('a'));
      flush();
      expect(runner.tasks()).toEqual([]);
      expect(now()).toBe(31);
    });
  });

  it('should abort the signal before any teardown, even if an observer of `stopping` completes the source', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const log: string[] = [];
      const source = new Subject<never>();
      runner.events$.subscribe(({ type }) => {
        if (type === 'stopping') source.complete();
        if (type === 'exit') log.push('exit');
      });
      runner.adopt(
        ({ signal, onTeardown }) => {
          signal.addEventListener('abort', () => log.push('abort'));
          onTeardown(() => log.push('teardown'));
          return source;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => void runner.stop('a'));
      flush();
      expect(log).toEqual(['abort', 'teardown', 'exit']);
      expect(only(events, 'exit').outcome).toBe('stopped');
    });
  });

  it('should abort the signal before any teardown, even if an observer of the `crash` of an orphaned value ends the source', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const log: string[] = [];
      const source = new Subject<number>();
      runner.events$.subscribe(({ type }) => {
        if (type === 'crash') source.error(new Error('late'));
        if (type === 'exit') log.push('exit');
      });
      runner.adopt(
        ({ signal, onTeardown, execute }) => {
          signal.addEventListener('abort', () => log.push('abort'));
          onTeardown(() => log.push('teardown'));
          execute(NEVER, { name: 'child' }).subscribe({ error: () => log.push('child') });
          return source;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => source.next(1));
      flush();
      expect(log).toEqual(['exit', 'child', 'abort', 'teardown', 'exit']);
      expect(told(ofTask(events, 'a'))).toEqual([
        'start a 1',
        'crash a 1',
        'exit a 1 failed fatal',
      ]);
    });
  });

  describe('from everywhere, in every state (PITFALLS C13)', () => {
    it('should end a task that waits for run() at once', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(NEVER, { name: 'a', flavour });
        void runner.stop('a');
        run();
        flush();
        expect(told(events)).toEqual(['exit a 0 stopped', 'up']);
      });
    });

    it('should end a task that waits in the queue of its flavour at once (PITFALLS C23)', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        run();
        runner.adopt(NEVER, { name: 'a', flavour });
        void runner.stop('a');
        expect(told(events)).toEqual(['up', 'exit a 0 stopped']);
        flush();
        expect(told(events)).toEqual(['up', 'exit a 0 stopped']);
      });
    });

    it('should end a task in backoff at once, and leave no timer (PITFALLS C12, B2)', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at, now }) => {
        runner.adopt(
          throwError(() => BOOM),
          { name: 'a', flavour, restart: 'on-failure' },
        );
        run();
        at(400, () => {
          void runner.stop('a');
          expect(tell(events.at(-1)!)).toBe('exit a 1 stopped');
        });
        flush();
        expect(toldAt(events)).toEqual([
          '0 up',
          '0 start a 1',
          '0 crash a 1 restarting',
          '0 restart a 1 in 1000 (crash)',
          '400 exit a 1 stopped',
        ]);
        expect(now()).toBe(400);
      });
    });

    it('should lead from between crash and restart to exit', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(20));
            throw BOOM;
          },
          { name: 'a', flavour, restart: 'on-failure' },
        );
        run();
        at(10, () => void runner.stop('a'));
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '0 crash a 1 restarting',
          '20 exit a 1 stopped',
        ]);
      });
    });

    it('should let a task stop itself from its function, before it has returned', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let subscribed = 0;
        let finalized = 0;
        runner.adopt(
          () => {
            void runner.stop('a');
            return new Observable<never>(() => {
              subscribed++;
              return () => finalized++;
            });
          },
          { name: 'a', flavour, restart: 'always' },
        );
        run();
        flush();
        expect(told(ofTask(events, 'a'))).toEqual([
          'start a 1',
          'stopping a 1 (stop)',
          'exit a 1 stopped',
        ]);
        expect(subscribed).toBe(finalized);
      });
    });

    it('should let a task stop itself while it is subscribed, and unsubscribe what it is subscribed to', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        let finalized = false;
        const source$ = new Observable<number>((subscriber) => {
          void runner.stop('a');
          subscriber.next(1);
          return () => (finalized = true);
        });
        runner.adopt(source$, { name: 'a', flavour });
        run();
        flush();
        expect(finalized).toBe(true);
        expect(told(ofTask(events, 'a'))).toEqual([
          'start a 1',
          'stopping a 1 (stop)',
          'exit a 1 stopped',
        ]);
      });
    });

    it('should let a task stop itself from its teardown', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => void runner.stop('a'));
            throw BOOM;
          },
          { name: 'a', flavour, restart: 'on-failure' },
        );
        run();
        flush();
        expect(told(ofTask(events, 'a'))).toEqual([
          'start a 1',
          'crash a 1 restarting',
          'exit a 1 stopped',
        ]);
      });
    });

    it.each(['start', 'crash', 'restart'] as const)(
      "should let an events$ observer stop a task at its '%s'",
      (type) => {
        virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
          let entered = 0;
          runner.events$.subscribe((event) => {
            if (event.type === type) void runner.stop('a', 'seen');
          });
          runner.adopt(
            () => {
              entered++;
              throw BOOM;
            },
            { name: 'a', flavour, restart: 'on-failure' },
          );
          run();
          flush();
          const life = told(ofTask(events, 'a'));
          expect(life.at(-1)).toBe('exit a 1 stopped');
          expect(life.filter((line) => line.startsWith('exit'))).toHaveLength(1);
          expect(entered).toBe(type === 'start' ? 0 : 1);
        });
      },
    );

    it('should be idempotent, and keep the first reason', async () => {
      const { events, stops } = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        const stops: Promise<void>[] = [];
        const task$ = runner.adopt(endsAfter(20), { name: 'a', flavour });
        world.run();
        at(5, () => stops.push(task$.stop('first'), runner.stop('a', 'second')));
        at(10, () => stops.push(task$.stop('third')));
        at(15, () => void runner.shutdown('fourth'));
        world.flush();
        stops.push(task$.stop('fifth'));
        return { ...world, stops };
      });
      await expect(Promise.all(stops)).resolves.toHaveLength(4);
      const stopping = only(events, 'stopping');
      expect(stopping.reason).toEqual({ type: 'stop', message: 'first' });
      expect(stopping.at).toBe(5);
      expect(toldAt(ofTask(events, 'a')).at(-1)).toBe('25 exit a 1 stopped');
    });

    it('should abort once and then wait, however often it is asked (PITFALLS C8)', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
        let aborted = 0;
        runner.adopt(
          ({ signal }) => {
            signal.addEventListener('abort', () => aborted++);
            return NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        for (let time = 1; time < 100; time++) {
          at(time, () => void runner.stop('a').catch(() => undefined));
        }
        flush();
        expect(aborted).toBe(1);
      });
    });

    it('should take a completion that came before the stop for a completion', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(20));
            return of(undefined);
          },
          { name: 'a', flavour },
        );
        run();
        at(10, () => void runner.stop('a'));
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual(['0 start a 1', '20 exit a 1 completed']);
      });
    });

    it("should end as stopped when a stop comes while a completion that 'always' would restart is torn down", () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => later(20));
          },
          { name: 'a', flavour, restart: 'always' },
        );
        run();
        at(10, () => void runner.stop('a'));
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual(['0 start a 1', '20 exit a 1 stopped']);
      });
    });

    it('should accept a reason in words, in parts, or as an error, which is its cause', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        for (const name of ['a', 'b', 'c', 'd']) runner.adopt(NEVER, { name, flavour });
        run();
        flush();
        void runner.stop('a', 'in words');
        void runner.stop('b', { type: 'signal', signal: 'SIGHUP' });
        void runner.stop('c', BOOM);
        void runner.stop('d');
        expect(only(events, 'stopping', 'a').reason).toEqual({ type: 'stop', message: 'in words' });
        expect(only(events, 'stopping', 'b').reason).toEqual({ type: 'signal', signal: 'SIGHUP' });
        expect(only(events, 'stopping', 'c').reason).toEqual({ type: 'stop', cause: BOOM });
        expect(only(events, 'stopping', 'd').reason).toEqual({ type: 'stop' });
        const { reason } = only(events, 'stopping', 'b');
        expect(() => Object.assign(reason, { type: 'stop' })).toThrow(TypeError);
      });
    });
  });
});
