import { describe, expect, it } from '@jest/globals';
import { NEVER, Observable, of, throwError } from 'rxjs';
import {
  InvalidOptionError,
  Runner,
  type RunnerFailedError,
  type TaskContext,
} from '../../src/index.js';
import {
  HUNG,
  REAL_FLAVOURS,
  VIRTUAL_FLAVOURS,
  later,
  ofTask,
  only,
  told,
  toldAt,
  turn,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

const ENDS: readonly [string, () => Observable<never> | undefined][] = [
  ['a completion', () => undefined],
  ['a crash', () => throwError(() => BOOM)],
  [
    'a throw',
    () => {
      throw BOOM;
    },
  ],
  ['an orphaned value', () => of(1) as unknown as Observable<never>],
  ['a stop', () => NEVER],
];

describe.each(VIRTUAL_FLAVOURS)('context.onTeardown, on $name', (flavourCase) => {
  it.each(ENDS)('should run last in, first out, each awaited, after %s', (how, end) => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at, now }) => {
      const order: string[] = [];
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => order.push(`${now()} first`));
          onTeardown(() => later(20, () => order.push(`${now()} second`)));
          onTeardown(() => later(10, () => order.push(`${now()} third`)));
          return end();
        },
        { name: 'a', flavour },
      );
      run();
      if (how === 'a stop') at(0, () => void runner.stop('a'));
      flush();
      expect(order).toEqual(['10 third', '30 second', '30 first']);
      expect(only(events, 'exit', 'a').at).toBe(30);
    });
  });

  it('should come after the source has been unsubscribed', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const order: string[] = [];
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => order.push('teardown'));
          return new Observable<never>(() => () => order.push('finalized'));
        },
        { name: 'a', flavour },
      );
      run();
      at(1, () => void runner.stop('a'));
      flush();
      expect(order).toEqual(['finalized', 'teardown']);
    });
  });

  it('should have ended before the `restart` is told, and run once in each attempt', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      let ran = 0;
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(5, () => ran++));
          throw BOOM;
        },
        { name: 'a', flavour, restart: 'on-failure', maxRestarts: 2, backoff: () => 10 },
      );
      run();
      at(4, () => {
        expect(ran).toBe(0);
      });
      flush();
      expect(ran).toBe(3);
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '0 crash a 1 restarting',
        '5 restart a 1 in 10 (crash)',
        '15 start a 2',
        '15 crash a 2 restarting',
        '20 restart a 2 in 10 (crash)',
        '30 start a 3',
        '30 crash a 3',
        '35 exit a 3 failed fatal',
      ]);
    });
  });

  it('should end in the same frame when nothing of it is asynchronous (PITFALLS A26)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => undefined);
          throw BOOM;
        },
        { name: 'a', flavour, restart: 'on-failure', maxRestarts: 1, backoff: () => 0 },
      );
      run();
      flush();
      expect(new Set(ofTask(events, 'a').map(({ at }) => at))).toEqual(new Set([0]));
    });
  });

  it('should skip no other when one throws, or rejects (PITFALLS C7, C17)', async () => {
    const { ran, order } = virtually(flavourCase, (world) => {
      const { runner, flavour, at } = world;
      const order: string[] = [];
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => order.push('first'));
          onTeardown(() => {
            throw 'thrown';
          });
          onTeardown(() => order.push('third'));
          onTeardown(() =>
            later(1, () => {
              throw 'rejected';
            }),
          );
          onTeardown(() => order.push('fifth'));
          return NEVER;
        },
        { name: 'a', flavour },
      );
      world.run();
      at(5, () => void runner.stop('a'));
      world.flush();
      return { ...world, order };
    });
    expect(order).toEqual(['fifth', 'third', 'first']);
    expect(((await ran()) as RunnerFailedError).failures).toEqual([
      { task: 'a', error: 'rejected' },
      { task: 'a', error: 'thrown' },
    ]);
  });

  describe('an error in one', () => {
    const failing =
      (end: () => unknown) =>
      ({ onTeardown }: TaskContext) => {
        onTeardown(() =>
          later(3, () => {
            throw BOOM;
          }),
        );
        return end();
      };

    it('should be a crash when the attempt had completed by itself', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        const payload = failing(() => undefined);
        world.runner.adopt(payload, { name: 'a', flavour: world.flavour });
        world.run();
        world.flush();
        return world;
      });
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '3 crash a 1',
        '3 exit a 1 failed fatal',
      ]);
      expect(((await ran()) as RunnerFailedError).failures).toEqual([{ task: 'a', error: BOOM }]);
    });

    it('should be restarted like any crash then', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner.adopt(
          ({ attempt, onTeardown }) => {
            onTeardown(() => {
              if (attempt === 1) throw BOOM;
            });
          },
          { name: 'a', flavour, restart: 'on-failure' },
        );
        run();
        flush();
        expect(toldAt(ofTask(events, 'a'))).toEqual([
          '0 start a 1',
          '0 crash a 1 restarting',
          '0 restart a 1 in 1000 (crash)',
          '1000 start a 2',
          '1000 exit a 2 completed',
        ]);
      });
    });

    it('should be tolerated after a crash', async () => {
      const crash = new Error('crash');
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(
          failing(() => {
            throw crash;
          }) as () => void,
          { name: 'a', flavour: world.flavour },
        );
        world.run();
        world.flush();
        return world;
      });
      expect(only(events, 'crash').error).toBe(crash);
      const { report } = (await ran()) as RunnerFailedError;
      expect(report.failures).toEqual([{ task: 'a', error: crash }]);
      expect(report.tolerated).toEqual([{ task: 'a', error: BOOM }]);
    });

    it('should be a failure while stopping', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        const payload = failing(() => NEVER) as () => Observable<never>;
        world.runner.adopt(payload, { name: 'a', flavour: world.flavour, restart: 'always' });
        world.run();
        world.at(5, () => void world.runner.stop('a'));
        world.flush();
        return world;
      });
      expect(only(events, 'exit')).toMatchObject({ outcome: 'stopped', error: BOOM, fatal: false });
      expect(((await ran()) as RunnerFailedError).cause).toBe(BOOM);
    });

    it('should be the normal end while stopping when it is the reason, or an AbortError', async () => {
      const ran = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        runner.adopt(
          ({ signal, onTeardown }) => {
            onTeardown(() => signal.throwIfAborted());
            onTeardown(() => {
              throw new DOMException('aborted', 'AbortError');
            });
            return new Observable<never>((subscriber) => {
              signal.addEventListener('abort', () => {
                subscriber.complete();
              });
            });
          },
          { name: 'a', flavour },
        );
        world.run();
        at(5, () => void runner.stop('a'));
        world.flush();
        return world.ran();
      });
      expect(await ran).toMatchObject({ failures: [], tolerated: [] });
    });

    it('should be kept, every one of them, with the crash of the first told', async () => {
      const { ran, events } = virtually(flavourCase, (world) => {
        world.runner.adopt(
          ({ onTeardown }) => {
            for (const error of ['third', 'second', 'first']) {
              onTeardown(() => {
                throw error;
              });
            }
          },
          { name: 'a', flavour: world.flavour },
        );
        world.run();
        world.flush();
        return world;
      });
      expect(only(events, 'crash').error).toBe('first');
      const { report } = (await ran()) as RunnerFailedError;
      expect(report.failures).toEqual([{ task: 'a', error: 'first' }]);
      expect(report.tolerated.map(({ error }) => error)).toEqual(['second', 'third']);
    });

    it('should be tolerated in an attempt that was given up', async () => {
      const ran = virtually(
        flavourCase,
        (world) => {
          world.runner.adopt(
            ({ onTeardown }) => {
              onTeardown(() =>
                later(50, () => {
                  throw BOOM;
                }),
              );
            },
            { name: 'a', flavour: world.flavour },
          );
          world.run();
          world.at(100, () => void world.runner.shutdown());
          world.flush();
          return world.ran();
        },
        { grace: 10 },
      );
      const { report } = (await ran) as RunnerFailedError;
      expect(report.failures).toMatchObject([{ error: { name: 'OverdueError' } }]);
      expect(report.tolerated).toEqual([{ task: 'a', error: BOOM }]);
      expect(report.stragglers).toEqual([]);
    });
  });

  it('should run at once what is registered after the end, and fence it', async () => {
    const { ran, order } = virtually(flavourCase, (world) => {
      const order: string[] = [];
      let context!: TaskContext;
      world.runner.adopt(
        (given) => {
          context = given;
        },
        { name: 'a', flavour: world.flavour },
      );
      world.run();
      world.flush();
      context.onTeardown(() => order.push('late'));
      context.onTeardown(() => {
        throw BOOM;
      });
      return { ...world, order };
    });
    expect(order).toEqual(['late']);
    expect(await ran()).toMatchObject({ failures: [], tolerated: [{ task: 'a', error: BOOM }] });
  });

  it('should run what a teardown registers, next', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      const order: string[] = [];
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => order.push('first'));
          onTeardown(() => {
            order.push('second');
            onTeardown(() => order.push('from the second'));
          });
        },
        { name: 'a', flavour },
      );
      run();
      flush();
      expect(order).toEqual(['second', 'from the second', 'first']);
    });
  });

  it('should run as often as it has been registered', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      let ran = 0;
      const teardown = () => ran++;
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(teardown);
          onTeardown(teardown);
        },
        { flavour },
      );
      run();
      flush();
      expect(ran).toBe(2);
    });
  });

  it('should refuse what is no function, which is a crash of the payload', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(NEVER as unknown as () => void);
        },
        { flavour },
      );
      run();
      flush();
      const { error } = only(events, 'crash');
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ option: 'onTeardown' });
    });
  });

  it('should go on after a hung one has been given up, with nothing more of it told', () => {
    virtually(
      flavourCase,
      ({ runner, flavour, run, flush, events, at }) => {
        const order: string[] = [];
        runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() => order.push('first'));
            onTeardown(() => HUNG);
          },
          { name: 'a', flavour },
        );
        runner.adopt(NEVER, { name: 'b', flavour });
        run();
        at(500, () => undefined);
        flush();
        expect(order).toEqual([]);
        expect(told(ofTask(events, 'a'))).toEqual([
          'start a 1',
          'overdue a 1 after 30',
          'exit a 1 completed',
        ]);
        expect(runner.tasks().map(({ name }) => name)).toEqual(['b']);
      },
      { grace: 30 },
    );
  });
});

describe.each(REAL_FLAVOURS)('asynchronous teardowns, on $name', ({ flavour }) => {
  it('should be awaited, and their rejection be no unhandled one', async () => {
    const runner = new Runner();
    const order: string[] = [];
    runner.adopt(
      async ({ onTeardown }) => {
        onTeardown(async () => {
          await turn();
          order.push('first');
        });
        onTeardown(async () => {
          await turn();
          order.push('second');
          throw BOOM;
        });
        await turn();
      },
      { name: 'a', flavour },
    );
    const failure = (await runner.run().catch((error: unknown) => error)) as RunnerFailedError;
    expect(order).toEqual(['second', 'first']);
    expect(failure.failures).toEqual([{ task: 'a', error: BOOM }]);
  });

  it('should be awaited by stop()', async () => {
    await using runner = new Runner();
    const order: string[] = [];
    const task$ = runner.adopt(
      ({ onTeardown }) => {
        onTeardown(async () => {
          await turn();
          order.push('torn down');
        });
        return NEVER;
      },
      { flavour },
    );
    void runner.run();
    await turn();
    await task$.stop();
    order.push('stopped');
    expect(order).toEqual(['torn down', 'stopped']);
  });
});
