import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, ignoreElements, of, throwError, timer, toArray } from 'rxjs';
import {
  CancelledError,
  DuplicateNameError,
  type RunnerFailedError,
  RunnerStateError,
  type TaskContext,
} from '../../src/index.js';
import { HUNG, VIRTUAL_FLAVOURS, later, ofTask, only, told, toldAt, virtually } from './support.js';

const BOOM = new Error('boom');

describe.each(VIRTUAL_FLAVOURS)('children of an attempt, on $name', (flavourCase) => {
  it('should be named below their parent, however deep', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      runner.adopt(
        ({ adopt }) => {
          adopt(
            ({ adopt: adoptDeeper }) => {
              adoptDeeper(NEVER, { name: 'c', flavour });
              adoptDeeper(NEVER, { flavour });
              adoptDeeper(NEVER, { flavour });
              return NEVER;
            },
            { name: 'b', flavour },
          );
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      flush();
      const names = runner.tasks().map(({ name }) => name);
      expect(names).toEqual(['a', 'a/b', 'a/b/c', 'a/b/task', 'a/b/task#2']);
    });
  });

  it('should have names of their own: a name is taken below one parent only', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const errors: unknown[] = [];
      const payload = ({ adopt }: TaskContext) => {
        adopt(NEVER, { name: 'c', flavour });
        try {
          adopt(NEVER, { name: 'c', flavour });
        } catch (error) {
          errors.push(error);
        }
        return NEVER;
      };
      runner.adopt(payload, { name: 'a', flavour });
      runner.adopt(payload, { name: 'b', flavour });
      run();
      flush();
      expect(errors).toHaveLength(2);
      expect(errors[0]).toBeInstanceOf(DuplicateNameError);
      expect(errors[0]).toMatchObject({ task: 'a/c' });
      expect(runner.tasks().map(({ name }) => name)).toEqual(['a', 'b', 'a/c', 'b/c']);
    });
  });

  it.each<[string, () => Observable<never> | undefined]>([
    ['completes', () => undefined],
    ['completes as an Observable', () => EMPTY],
    ['crashes', () => throwError(() => BOOM)],
    ['orphans a value', () => of(1) as unknown as Observable<never>],
    ['is stopped', () => NEVER],
  ])('should live no longer than an attempt that %s', (how, end) => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ adopt }) => {
          adopt(NEVER, { name: 'b', flavour, restart: 'always' });
          return new Observable<never>((subscriber) => {
            at(5, () => {
              const end$ = end();
              if (end$) end$.subscribe(subscriber);
              else subscriber.complete();
            });
          });
        },
        { name: 'a', flavour },
      );
      run();
      if (how === 'is stopped') at(5, () => void runner.stop('a', 'enough'));
      flush();
      expect(toldAt(ofTask(events, 'a/b'))).toEqual([
        '0 start a/b 1',
        '5 stopping a/b 1 (parent)',
        '5 exit a/b 1 stopped',
      ]);
      expect(only(events, 'exit', 'a/b').seq).toBeLessThan(only(events, 'exit', 'a').seq);
    });
  });

  it('should be told why their parent stops, as the cause of their own reason', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ adopt }) => {
          adopt(NEVER, { name: 'b', flavour });
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => void runner.stop('a', 'enough'));
      flush();
      const { reason } = only(events, 'stopping', 'a/b');
      expect(reason).toEqual({ type: 'parent', cause: { type: 'stop', message: 'enough' } });
      expect(reason.cause).toBe(only(events, 'stopping', 'a').reason);
    });
  });

  it('should be asked before the signal of their parent aborts, and torn down before it', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const order: string[] = [];
      runner.adopt(
        ({ adopt, signal, onTeardown }) => {
          onTeardown(() => order.push('parent torn down'));
          adopt(
            ({ onTeardown: onChildTeardown }) => {
              onChildTeardown(() => later(10, () => order.push('child torn down')));
              return new Observable<never>(() => () => order.push('child unsubscribed'));
            },
            { flavour },
          );
          return new Observable<never>((subscriber) => {
            signal.addEventListener('abort', () => {
              order.push('parent aborted');
              subscriber.complete();
            });
          });
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => void runner.stop('a'));
      flush();
      expect(order).toEqual([
        'child unsubscribed',
        'parent aborted',
        'child torn down',
        'parent torn down',
      ]);
    });
  });

  it('should be over before the next attempt begins, with children of the same names', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(
        ({ adopt, attempt }) => {
          adopt(
            ({ onTeardown }) => {
              onTeardown(() => later(10));
              return NEVER;
            },
            { name: 'b', flavour },
          );
          return attempt < 2 ? timer(5).pipe(ignoreElements()) : NEVER;
        },
        { name: 'a', flavour, restart: 'always', backoff: () => 100 },
      );
      run();
      flush();
      expect(toldAt(events)).toEqual([
        '0 up',
        '0 start a 1',
        '0 start a/b 1',
        '5 stopping a/b 1 (parent)',
        '15 exit a/b 1 stopped',
        '15 restart a 1 in 100 (complete)',
        '115 start a 2',
        '115 start a/b 1',
      ]);
    });
  });

  it("should count the grace of their parent from when they're done", () => {
    virtually(
      flavourCase,
      ({ runner, flavour, run, flush, events, at }) => {
        runner.adopt(
          ({ adopt, signal }) => {
            adopt(
              ({ onTeardown }) => {
                onTeardown(() => later(25));
                return NEVER;
              },
              { name: 'slow', flavour },
            );
            return signal.aborted ? EMPTY : NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        at(5, () => void runner.stop('a'));
        flush();
        expect(toldAt(events).slice(3)).toEqual([
          '5 stopping a 1 (stop)',
          '5 stopping a/slow 1 (parent)',
          '30 exit a/slow 1 stopped',
          '60 overdue a 1 after 30',
          '60 exit a 1 stopped',
        ]);
      },
      { grace: 30 },
    );
  });

  it('should have a grace of their own; one that is overdue holds its parent up no longer', async () => {
    const { ran, events } = virtually(
      flavourCase,
      (world) => {
        const { runner, flavour, at } = world;
        runner.adopt(
          ({ adopt }) => {
            adopt(
              ({ onTeardown }) => {
                onTeardown(() => HUNG);
                return NEVER;
              },
              { name: 'b', flavour, grace: 50 },
            );
            return NEVER;
          },
          { name: 'a', flavour },
        );
        world.run();
        at(5, () => void runner.stop('a'));
        world.flush();
        return world;
      },
      { grace: 30 },
    );
    expect(toldAt(events).slice(3)).toEqual([
      '5 stopping a 1 (stop)',
      '5 stopping a/b 1 (parent)',
      '55 overdue a/b 1 after 50',
      '55 exit a/b 1 stopped',
      '55 exit a 1 stopped',
      expect.stringMatching(/ shutdown/),
      expect.stringMatching(/ down/),
    ]);
    const { report } = (await ran()) as RunnerFailedError;
    expect(report.stragglers).toMatchObject([{ task: 'a/b' }]);
  });

  it('should end at once in backoff, and when they wait in a queue, with their parent', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      let context!: TaskContext;
      runner.adopt(
        (given) => {
          context = given;
          given.adopt(
            throwError(() => BOOM),
            { name: 'b', flavour, restart: 'on-failure' },
          );
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(500, () => {
        context.adopt(NEVER, { name: 'c', flavour });
        void runner.stop('a');
      });
      flush();
      expect(toldAt(events).slice(2)).toEqual([
        '0 start a/b 1',
        '0 crash a/b 1 restarting',
        '0 restart a/b 1 in 1000 (crash)',
        '500 stopping a 1 (stop)',
        '500 exit a/b 1 stopped',
        '500 exit a/c 0 stopped',
        '500 exit a 1 stopped',
      ]);
    });
  });

  it("should be the runner's with their final errors, which are fatal, and stop everything", async () => {
    const { ran, events } = virtually(flavourCase, (world) => {
      const { runner, flavour } = world;
      runner.adopt(
        ({ adopt }) => {
          adopt(
            throwError(() => BOOM),
            { name: 'b', flavour },
          );
          return NEVER;
        },
        { name: 'a', flavour },
      );
      world.run();
      world.flush();
      return world;
    });
    expect(told(events)).toEqual([
      'up',
      'start a 1',
      'start a/b 1',
      'crash a/b 1',
      'exit a/b 1 failed fatal',
      'shutdown (failure)',
      'stopping a 1 (failure)',
      'exit a 1 stopped',
      'down',
    ]);
    expect(((await ran()) as RunnerFailedError).failures).toEqual([{ task: 'a/b', error: BOOM }]);
  });

  it('should give their values and errors to their parent when it takes them', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      const heard: unknown[] = [];
      runner.adopt(
        ({ adopt }) => {
          const child$ = adopt(of(1, 2), { name: 'b', flavour });
          child$.pipe(toArray()).subscribe((values) => heard.push(values));
          adopt(
            throwError(() => BOOM),
            { name: 'c', flavour, errors: 'deliver' },
          ).subscribe({ error: (error: unknown) => heard.push(error) });
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      flush();
      expect(heard).toEqual([[1, 2], BOOM]);
      expect(only(events, 'exit', 'a/c').fatal).toBe(false);
    });
  });

  it('should be stopped by hand without their parent', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      runner.adopt(
        ({ adopt }) => {
          adopt(NEVER, { name: 'b', flavour });
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => void runner.stop('a/b'));
      flush();
      expect(runner.tasks().map(({ name, state }) => [name, state])).toEqual([['a', 'running']]);
    });
  });

  it.each<[string, (context: TaskContext) => Observable<never> | undefined]>([
    ['completing', () => undefined],
    ['stopping', () => NEVER],
    [
      'crashing',
      () => {
        throw BOOM;
      },
    ],
  ])('should be refused to an attempt that is %s, or over (PITFALLS C4)', (how, end) => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      const errors: unknown[] = [];
      let context!: TaskContext;
      const tryOut = () => {
        try {
          context.adopt(NEVER, { flavour });
        } catch (error) {
          errors.push(error);
        }
        context.execute(NEVER, { flavour }).subscribe({ error: (error) => errors.push(error) });
      };
      runner
        .adopt(
          (given) => {
            context = given;
            given.onTeardown(tryOut);
            return end(given);
          },
          { name: 'a', flavour, errors: 'deliver' },
        )
        .subscribe({ error: () => undefined });
      run();
      if (how === 'stopping') at(1, () => void runner.stop('a'));
      flush();
      tryOut();
      expect(errors).toHaveLength(4);
      expect(errors).toEqual(Array(4).fill(expect.any(RunnerStateError)));
      expect(errors.map((error) => (error as RunnerStateError).state)).toEqual([
        'stopping',
        'stopping',
        'stopped',
        'stopped',
      ]);
      expect((errors[0] as Error).message).toMatch(/^task "a" can't adopt/);
      expect(runner.state).toBe('running');
      expect(events.filter(({ type }) => type === 'start')).toHaveLength(1);
    });
  });

  it('should be refused, and end, when the runner is stopping', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      let error: unknown;
      runner.adopt(
        ({ adopt, signal }) =>
          new Observable<never>((subscriber) => {
            signal.addEventListener('abort', () => {
              try {
                adopt(NEVER, { flavour });
              } catch (thrown) {
                error = thrown;
              }
              subscriber.complete();
            });
          }),
        { name: 'a', flavour },
      );
      run();
      at(5, () => void runner.shutdown());
      flush();
      expect(error).toBeInstanceOf(RunnerStateError);
      expect(runner.state).toBe('stopped');
    });
  });

  describe('executions', () => {
    it('should be named below their parent, with values, completion and the very same error for its subscriber', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const heard: unknown[] = [];
        runner.adopt(
          ({ execute }) => {
            execute(of(1), { name: 'b', flavour }).subscribe({
              next: (value) => heard.push(value),
              complete: () => heard.push('complete'),
            });
            execute(
              throwError(() => BOOM),
              { name: 'c', flavour },
            ).subscribe({ error: (error) => heard.push(error) });
            return NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        flush();
        expect(heard).toEqual([1, 'complete', BOOM]);
        expect(only(events, 'exit', 'a/b')).toMatchObject({ origin: 'execute', fatal: false });
        expect(only(events, 'exit', 'a/c')).toMatchObject({ outcome: 'failed', fatal: false });
      });
    });

    it('should be cancelled with their parent, for its reason', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
        let error: unknown;
        runner.adopt(
          ({ execute }) => {
            execute(NEVER, { name: 'b', flavour }).subscribe({
              error: (e: unknown) => (error = e),
            });
            return NEVER;
          },
          { name: 'a', flavour },
        );
        run();
        at(5, () => void runner.stop('a', 'enough'));
        flush();
        expect(error).toBeInstanceOf(CancelledError);
        expect(error).toMatchObject({
          task: 'a/b',
          reason: { type: 'parent', cause: { type: 'stop', message: 'enough' } },
        });
        expect(told(events).slice(-2)).toEqual(['exit a/b 1 stopped', 'exit a 1 stopped']);
      });
    });

    it('should be the normal end of a parent that passes their cancellation on', async () => {
      const ran = virtually(flavourCase, (world) => {
        const { runner, flavour } = world;
        runner.adopt(
          ({ execute, signal }) => (signal.aborted ? EMPTY : execute(NEVER, { flavour })),
          { name: 'a', flavour },
        );
        world.run();
        world.at(5, () => void runner.stop('a'));
        world.flush();
        return world.ran();
      });
      expect(await ran).toMatchObject({ failures: [], tolerated: [] });
    });
  });
});
