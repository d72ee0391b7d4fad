import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, type Observable, VirtualTimeScheduler, ignoreElements, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  OrphanedValueError,
  Runner,
  RunnerFailedError,
  StopRestarting,
  type TaskContext,
  constant,
  defineFlavour,
  flavours,
  service,
} from '../../src/index.js';
import { next, observe, ofTask, only, tell, told, turn } from '../runner/support.js';

/** A runner that runs, and is shut down in the end. */
async function running<T>(spec: (runner: Runner) => T | Promise<T>): Promise<T> {
  await using runner = new Runner();
  const run = runner.run().catch((error: unknown) => error);
  const result = await spec(runner);
  await runner.shutdown();
  await run;
  return result;
}

const names = (runner: Runner) => runner.tasks().map(({ name }) => name);

/** What Node hides unless it's asked. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const untilAborted = ({ signal }: TaskContext) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });

describe('service', () => {
  describe('as a decorator', () => {
    it('should have an instance adopted, and run when the runner does', async () => {
      const runner = new Runner();
      const ran: unknown[] = [];

      @service({ runner, flavour: 'async' })
      class Poller {
        readonly #url: string;
        constructor(url: string) {
          this.#url = url;
        }
        run({ name, attempt }: TaskContext) {
          ran.push(name, attempt, this.#url);
        }
      }
      new Poller('here');
      const events = observe(runner);
      await turn();
      expect(names(runner)).toEqual(['Poller']);
      expect(ran).toEqual([]);

      const { counts } = await runner.run({ until: 'idle' });
      expect(ran).toEqual(['Poller', 1, 'here']);
      expect(counts).toEqual({ completed: 1, stopped: 0, failed: 0 });
      expect(only(events, 'start').flavour).toBe('async');
    });

    it('should leave the class as it looks: its name, its statics, what it is an instance of', async () => {
      await running(async (runner) => {
        @service({ runner })
        class Poller {
          static made = 0;
          static readonly #secret = 7;
          static tell() {
            return Poller.#secret;
          }
          static #same: unknown;
          static {
            this.#same = this;
          }
          static isSame(other: unknown) {
            return this.#same === other;
          }
          readonly #interval = 10;
          readonly b: number;
          constructor(_a: string, b = 2) {
            this.b = b;
            Poller.made++;
          }
          get interval() {
            return this.#interval;
          }
          run() {}
        }
        const poller = new Poller('a');

        expect(poller).toBeInstanceOf(Poller);
        expect(poller.constructor).toBe(Poller);
        expect(Object.keys(Poller.prototype)).toEqual([]);
        expect(Poller.name).toBe('Poller');
        expect(Poller.length).toBe(1);
        expect(Poller.made).toBe(1);
        expect(Poller.tell()).toBe(7);
        expect(Poller.isSame(Poller)).toBe(true);
        expect([poller.interval, poller.b]).toEqual([10, 2]);
        expect(inspect(poller)).toContain('Poller');
        await turn();
      });
    });

    it('should be called like any class: not without new', () => {
      const Poller = service({ runner: new Runner() })(
        class Poller {
          run() {}
        },
      );

      expect(() => (Poller as unknown as () => void)()).toThrow(TypeError);
    });
  });

  describe('as a function', () => {
    it('should do the same', async () => {
      await running(async (runner) => {
        const ran = jest.fn();
        class Poller {
          readonly #what: string;
          constructor(what: string) {
            this.#what = what;
          }
          run(context: TaskContext) {
            ran(this.#what, context.name);
          }
        }
        const Service = service({ runner })(Poller);
        const poller = new Service('it');
        await turn();

        expect(poller).toBeInstanceOf(Poller);
        expect(poller).toBeInstanceOf(Service);
        expect(ran.mock.calls).toEqual([['it', 'Poller']]);
      });
    });

    it('should not touch what the class itself makes', async () => {
      await running(async (runner) => {
        const ran = jest.fn();
        class Poller {
          run = () => undefined;
        }
        class Base extends Poller {}
        Object.defineProperty(Base.prototype, 'run', { value: ran });
        service({ runner })(Base);
        new Base();
        await turn();

        expect(ran).not.toHaveBeenCalled();
        expect(names(runner)).toEqual([]);
      });
    });
  });

  describe('with what run returns', () => {
    const SHAPES: readonly [string, () => unknown][] = [
      ['nothing', () => undefined],
      ['a promise', async () => {}],
      ['an Observable', () => of(1, 2).pipe(ignoreElements())],
      ['a generator', function* () {}],
      ['an async generator', async function* () {}],
    ];

    it.each(SHAPES)('should complete with %s', async (_, run) => {
      await running(async (runner) => {
        const events = observe(runner);
        class Poller {
          run(): unknown {
            return run.call(this);
          }
        }
        new (service({ runner })(Poller))();
        await turn();

        expect(told(events)).toEqual(['start Poller 1', 'exit Poller 1 completed']);
      });
    });

    it('should crash with a value, which nobody is there to take', async () => {
      const runner = new Runner();
      @service({ runner })
      class Poller {
        async run() {
          return 42;
        }
      }
      new Poller();

      const error = await runner.run().catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(RunnerFailedError);
      expect((error as RunnerFailedError).cause).toBeInstanceOf(OrphanedValueError);
    });

    it('should be stopped in two phases, as any task is', async () => {
      const runner = new Runner();
      const torn: string[] = [];
      const events = observe(runner);
      @service({ runner })
      class Poller {
        async run(context: TaskContext) {
          context.onTeardown(() => torn.push('torn down'));
          await untilAborted(context);
          torn.push('aborted');
        }
      }
      @service({ runner })
      class Watcher {
        run(): Observable<never> {
          return NEVER;
        }
      }
      new Poller();
      new Watcher();
      const run = runner.run();
      await next(runner, 'start', 'Watcher');
      await runner.shutdown();

      expect((await run).counts).toEqual({ completed: 0, stopped: 2, failed: 0 });
      expect(torn).toEqual(['aborted', 'torn down']);
      expect(ofTask(events, 'Watcher').map(tell)).toEqual([
        'start Watcher 1',
        'stopping Watcher 1 (shutdown)',
        'exit Watcher 1 stopped',
      ]);
    });

    it('should call what is run at that moment, on the instance, with the context alone', async () => {
      const runner = new Runner();
      class Poller {
        run(_context: TaskContext): void {
          throw new Error('not this one');
        }
      }
      const poller = new (service({ runner })(Poller))();
      await turn();
      const run = jest.spyOn(poller, 'run').mockReturnValue(undefined);
      await runner.run({ until: 'idle' });

      expect(run).toHaveBeenCalledTimes(1);
      expect(run.mock.contexts).toEqual([poller]);
      expect(run.mock.calls[0]).toHaveLength(1);
      expect(run.mock.calls[0]![0]).toMatchObject({ name: 'Poller', attempt: 1 });
    });
  });

  describe('with its options', () => {
    it('should restart the same instance', async () => {
      const runner = new Runner();
      const instances = new Set<object>();
      const attempts: number[] = [];
      @service({ runner, restart: 'on-failure', backoff: constant(0) })
      class Poller {
        count = 0;
        run({ attempt }: TaskContext) {
          instances.add(this);
          attempts.push(attempt);
          if (++this.count < 3) throw new Error('again');
        }
      }
      const poller = new Poller();
      const { counts } = await runner.run({ until: 'idle' });

      expect(attempts).toEqual([1, 2, 3]);
      expect([...instances]).toEqual([poller]);
      expect(counts.completed).toBe(1);
    });

    it('should give up as any task does: with what it failed with', async () => {
      const boom = new Error('boom');
      const runner = new Runner();
      @service({ runner, restart: 'always' })
      class Poller {
        run() {
          return throwError(() => new StopRestarting(boom));
        }
      }
      new Poller();

      await expect(runner.run()).rejects.toMatchObject({
        cause: boom,
        failures: [{ task: 'Poller', error: boom }],
      });
    });

    it('should take the name instead of the class’s, and number further instances, never refuse one', async () => {
      await running(async (runner) => {
        @service({ runner, name: 'poll' })
        class Poller {
          run() {
            return NEVER;
          }
        }
        @service({ runner })
        class Other {
          run() {
            return NEVER;
          }
        }
        for (const Class of [Poller, Poller, Other, Other, Other]) new Class();
        await turn();

        expect(names(runner)).toEqual(['poll', 'poll#2', 'Other', 'Other#2', 'Other#3']);
      });
    });

    it('should be ready when it says so, if it is to', async () => {
      await running(async (runner) => {
        const up: { ready?: () => void } = {};
        @service({ runner, awaitReady: true })
        class Poller {
          run({ ready }: TaskContext) {
            up.ready = ready;
            return NEVER;
          }
        }
        new Poller();
        await turn();
        expect(runner.tasks().map(({ ready }) => ready)).toEqual([false]);

        up.ready?.();
        expect(runner.tasks().map(({ ready }) => ready)).toEqual([true]);
      });
    });

    it('should run on a flavour of one’s own', async () => {
      await running(async (runner) => {
        const scheduler = new VirtualTimeScheduler();
        const ran = jest.fn();
        @service({ runner, flavour: defineFlavour('mine', scheduler) })
        class Poller {
          run() {
            ran();
          }
        }
        new Poller();
        await turn();
        expect(ran).not.toHaveBeenCalled();
        expect(runner.tasks()).toMatchObject([{ flavour: 'mine', state: 'waiting' }]);

        scheduler.flush();
        expect(ran).toHaveBeenCalledTimes(1);
      });
    });

    it('should name a task of a class without a name', async () => {
      await running(async (runner) => {
        new (service({ runner })(
          class {
            run() {
              return NEVER;
            }
          },
        ))();
        class Odd {
          static name = 7;
          run() {
            return NEVER;
          }
        }
        new (service({ runner })(Odd))();
        class Called {
          static name = 'as it likes';
          run() {
            return NEVER;
          }
        }
        new (service({ runner })(Called))();
        await turn();

        expect(names(runner)).toEqual(['task', 'task#2', 'as it likes']);
      });
    });
  });

  describe('when it is adopted', () => {
    it('should be in a microtask, when the code that has made it has come to its end', async () => {
      await running(async (runner) => {
        const seen: unknown[] = [];
        @service({ runner })
        class Poller {
          run() {
            return NEVER;
          }
        }
        new Poller();
        seen.push(names(runner));
        await Promise.resolve();
        await Promise.resolve();
        seen.push(names(runner));

        expect(seen).toEqual([[], ['Poller']]);
      });
    });

    it.each(Object.values(flavours))(
      'should not be before the constructor of every subclass has finished ($name)',
      async (flavour) => {
        await running(async (runner) => {
          const log: string[] = [];
          @service({ runner, flavour })
          class Base {
            constructor() {
              log.push('Base');
            }
            run() {
              log.push('run');
            }
          }
          class Middle extends Base {
            constructor() {
              super();
              log.push('Middle');
            }
          }
          class Leaf extends Middle {
            readonly #field = 'field';
            constructor() {
              super();
              log.push('Leaf');
            }
            override run() {
              log.push(this.#field);
            }
          }
          new Leaf();
          await next(runner, 'exit');

          expect(log).toEqual(['Base', 'Middle', 'Leaf', 'field']);
        });
      },
    );

    it('should be in the order of construction', async () => {
      await running(async (runner) => {
        const events = observe(runner);
        const make = (name: string) =>
          service({ runner, name })(
            class {
              run() {}
            },
          );
        const [A, B] = [make('a'), make('b')];
        for (const Class of [A, B, A]) new Class();
        await turn();

        expect(events.filter(({ type }) => type === 'start').map(tell)).toEqual([
          'start a 1',
          'start b 1',
          'start a#2 1',
        ]);
      });
    });

    it('should be inside the constructor of another, inside a task, and while the runner runs', async () => {
      await running(async (runner) => {
        @service({ runner })
        class Child {
          run() {
            return NEVER;
          }
        }
        @service({ runner })
        class Parent {
          readonly child: Child = new Child();
          run() {
            new Child();
            return NEVER;
          }
        }
        new Parent();
        await turn();

        expect(names(runner)).toEqual(['Child', 'Parent', 'Child#2']);
      });
    });

    it('should be within a test of virtual time, too', () => {
      const clock = new TestScheduler(() => undefined);
      clock.run(({ flush }) => {
        const runner = new Runner();
        const ran = jest.fn();
        @service({ runner })
        class Poller {
          run() {
            ran();
          }
        }
        new Poller();
        void runner.run();
        flush();
        expect(ran).toHaveBeenCalledTimes(1);
        void runner.shutdown();
        flush();
      });
    });

    it('should be waited for by a runner that is to stop when all is done', async () => {
      const runner = new Runner();
      const ran = jest.fn();
      @service({ runner })
      class Poller {
        run() {
          ran();
        }
      }
      new Poller();
      // In the same tick: nothing is adopted yet.
      const { counts, reason } = await runner.run({ until: 'idle' });

      expect(ran).toHaveBeenCalledTimes(1);
      expect(counts.completed).toBe(1);
      expect(reason.type).toBe('idle');
    });

    it('should be waited for as the last task has ended, too', async () => {
      const runner = new Runner();
      @service({ runner })
      class Poller {
        run() {}
      }
      runner.adopt(() => undefined, { name: 'first' });
      runner.events$.subscribe((event) => {
        if (event.type === 'exit' && event.task === 'first') new Poller();
      });

      expect((await runner.run({ until: 'idle' })).counts.completed).toBe(2);
    });

    it('should keep an instance that nobody else holds', async () => {
      const runner = new Runner();
      const ran = jest.fn();
      @service({ runner })
      class Poller {
        readonly garbage = new Array(1_000).fill(0);
        run() {
          ran();
        }
      }
      for (let n = 0; n < 100; n++) new Poller();
      await turn();
      collectGarbage();
      await runner.run({ until: 'idle' });

      expect(ran).toHaveBeenCalledTimes(100);
    });

    it('should be once, however often its constructor returns the same instance', async () => {
      await running(async (runner) => {
        const made: object[] = [];
        const ran = jest.fn();
        @service({ runner })
        class Single {
          constructor() {
            made.push(this);

            return made[0] as this;
          }
          run() {
            ran();
          }
        }
        const first = new Single();
        expect(new Single()).toBe(first);
        await turn();
        expect(new Single()).toBe(first);
        await turn();

        expect(ran).toHaveBeenCalledTimes(1);
      });
    });
  });
});
