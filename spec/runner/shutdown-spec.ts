import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, throwError, timer } from 'rxjs';
import {
  OverdueError,
  type Report,
  type RunnerFailedError,
  type TaskContext,
} from '../../src/index.js';
import { HUNG, VIRTUAL_FLAVOURS, later, ofTask, only, told, toldAt, virtually } from './support.js';

const BOOM = new Error('boom');

const slow =
  (delay: number) =>
  ({ onTeardown }: TaskContext) => {
    onTeardown(() => later(delay));
    return NEVER;
  };

const hung = ({ onTeardown }: TaskContext) => {
  onTeardown(() => HUNG);
  return NEVER;
};

describe.each(VIRTUAL_FLAVOURS)('shutdown, on $name', (flavourCase) => {
  it('should stop all tasks at once, and settle when the last one has ended', async () => {
    const { report, events } = virtually(flavourCase, (world) => {
      const { runner, flavour, at } = world;
      let report: Promise<Report> | undefined;
      for (const delay of [30, 10, 20]) runner.adopt(slow(delay), { name: `${delay}`, flavour });
      world.run();
      at(5, () => {
        report = runner.shutdown('enough');
      });
      world.flush();
      return { ...world, report };
    });
    expect(toldAt(events).slice(4)).toEqual([
      '5 shutdown (shutdown)',
      '5 stopping 30 1 (shutdown)',
      '5 stopping 10 1 (shutdown)',
      '5 stopping 20 1 (shutdown)',
      '15 exit 10 1 stopped',
      '25 exit 20 1 stopped',
      '35 exit 30 1 stopped',
      '35 down',
    ]);
    expect(await report).toMatchObject({
      reason: { type: 'shutdown', message: 'enough' },
      counts: { stopped: 3 },
      uptime: 35,
    });
  });

  it.each([[0], [1], [5]])(
    'should be over at once when %d tasks have nothing to wait for',
    (count) => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        for (let n = 0; n < count; n++) runner.adopt(NEVER, { flavour });
        run();
        flush();
        void runner.shutdown();
        expect(runner.state).toBe('stopped');
        expect(events.filter(({ type }) => type === 'exit')).toHaveLength(count);
        expect(told(events).at(-1)).toBe('down');
      });
    },
  );

  it("should tell 'shutdown' and 'down' of an idle runner, and nothing of 'up'", async () => {
    const { events, report } = virtually(flavourCase, (world) => ({
      ...world,
      report: world.runner.shutdown(),
    }));
    expect(told(events)).toEqual(['shutdown (shutdown)', 'down']);
    expect(await report).toEqual({
      reason: { type: 'shutdown' },
      failures: [],
      tolerated: [],
      stragglers: [],
      counts: { completed: 0, stopped: 0, failed: 0 },
      uptime: 0,
    });
  });

  it('should end a task in backoff, and one in the queue of its flavour, at once', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at, now }) => {
      runner.adopt(
        throwError(() => BOOM),
        { name: 'a', flavour, restart: 'on-failure' },
      );
      run();
      at(500, () => {
        runner.adopt(NEVER, { name: 'b', flavour });
        void runner.shutdown();
      });
      flush();
      expect(toldAt(events).slice(-4)).toEqual([
        '500 shutdown (shutdown)',
        '500 exit a 1 stopped',
        '500 exit b 0 stopped',
        '500 down',
      ]);
      expect(now()).toBe(500);
    });
  });

  it('should start nothing after it has been told (PITFALLS C11)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(slow(10), { name: 'a', flavour, restart: 'always' });
      runner.adopt(
        throwError(() => BOOM),
        {
          name: 'b',
          flavour,
          restart: 'always',
          backoff: () => 1,
        },
      );
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(20));
          throw BOOM;
        },
        { name: 'c', flavour, restart: 'always', backoff: () => 0 },
      );
      run();
      at(9, () => {
        runner.restart('a');
        void runner.shutdown();
      });
      flush();
      const { seq } = only(events, 'shutdown');
      const after = events.filter((event) => event.seq > seq).map(({ type }) => type);
      expect(after).not.toContain('start');
      expect(after).not.toContain('restart');
    });
  });

  describe('from everywhere, any number of times, the first reason kept', () => {
    it.each<
      [string, (shutdown: () => void, context: TaskContext) => Observable<never> | undefined]
    >([
      [
        'the function of a task',
        (shutdown) => {
          shutdown();
          return NEVER;
        },
      ],
      [
        'the subscription of a task',
        (shutdown) =>
          new Observable<never>(() => {
            shutdown();
          }),
      ],
      ['a task later on', (shutdown) => new Observable<never>(() => timer(5).subscribe(shutdown))],
      [
        'the teardown of a task',
        (shutdown, { onTeardown }) => {
          onTeardown(shutdown);
          return undefined;
        },
      ],
      [
        'the asynchronous teardown of a task',
        (shutdown, { onTeardown }) => {
          onTeardown(() => later(5, shutdown));
          return undefined;
        },
      ],
    ])('should be possible from %s', (_where, payload) => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        const shutdown = () => {
          void runner.shutdown('first');
          void runner.shutdown('second');
        };
        runner.adopt((context) => payload(shutdown, context), { name: 'a', flavour });
        runner.adopt(slow(3), { name: 'b', flavour });
        run();
        flush();
        expect(runner.state).toBe('stopped');
        expect(only(events, 'shutdown').reason).toMatchObject({ message: 'first' });
        expect(only(events, 'down').report.reason).toMatchObject({ message: 'first' });
        const exits = events.filter(({ type }) => type === 'exit');
        expect(exits).toHaveLength(2);
      });
    });

    it.each([
      'up',
      'start',
      'ready',
      'crash',
      'restart',
      'exit',
      'shutdown',
      'stopping',
      'down',
    ] as const)("should be possible from an observer of '%s'", async (type) => {
      const { report } = virtually(flavourCase, (world) => {
        const { runner, flavour, at } = world;
        let report: Promise<Report> | undefined;
        runner.events$.subscribe((event) => {
          if (event.type === type) report ??= runner.shutdown('seen');
        });
        runner.adopt(
          ({ ready, attempt }) => {
            ready();
            return attempt < 2 ? throwError(() => BOOM) : EMPTY;
          },
          { name: 'a', flavour, restart: 'on-failure' },
        );
        runner.adopt(slow(3), { name: 'b', flavour });
        world.run();
        at(5_000, () => void runner.shutdown('late'));
        world.flush();
        expect(runner.state).toBe('stopped');
        return { report };
      });
      const late = ['shutdown', 'stopping', 'down'].includes(type);
      expect(await report).toMatchObject({ reason: { message: late ? 'late' : 'seen' } });
    });

    it('should be possible from a subscriber of a value, and of an end', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, events }) => {
        runner
          .adopt(timer(5), { name: 'a', flavour })
          .subscribe(() => void runner.shutdown('value'));
        runner.adopt(EMPTY, { name: 'b', flavour });
        run();
        flush();
        expect(only(events, 'shutdown').reason).toEqual({ type: 'shutdown', message: 'value' });
        expect(runner.state).toBe('stopped');
      });
    });

    it('should keep a failure that came before it as the reason, and one that came after in the failures', async () => {
      const reasons = async (first: 'failure' | 'shutdown') => {
        const ran = virtually(flavourCase, (world) => {
          const { runner, flavour, at } = world;
          runner.adopt(slow(50), { name: 'slow', flavour });
          runner.adopt(
            ({ signal }) =>
              new Observable<never>((subscriber) => {
                const fail = () => {
                  subscriber.error(BOOM);
                };
                signal.addEventListener('abort', fail);
                if (first === 'failure') at(4, fail);
              }),
            { name: 'a', flavour },
          );
          world.run();
          at(5, () => void runner.shutdown());
          world.flush();
          return world.ran();
        });
        return (await ran) as RunnerFailedError;
      };
      expect(await reasons('failure')).toMatchObject({
        report: { reason: { type: 'failure', cause: BOOM } },
        failures: [{ task: 'a', error: BOOM }],
      });
      expect(await reasons('shutdown')).toMatchObject({
        report: { reason: { type: 'shutdown' } },
        failures: [{ task: 'a', error: BOOM }],
        cause: BOOM,
      });
    });
  });

  describe('shutdownTimeout', () => {
    it('should abandon whatever still lives, exactly then, and name it (PITFALLS C5, C6, C16)', async () => {
      const { report, events, ran } = virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, at } = world;
          let report: Promise<Report> | undefined;
          runner.adopt(slow(99), { name: 'in time', flavour, grace: Infinity });
          at(7, () => {
            runner.adopt(slow(101), { name: 'late', flavour, grace: Infinity });
            runner.adopt(hung, { name: 'hung', flavour, grace: Infinity });
            runner.adopt(hung, { name: 'given up before', flavour, grace: 10 });
          });
          world.run();
          at(20, () => {
            report = runner.shutdown();
          });
          world.flush();
          return { ...world, report };
        },
        { shutdownTimeout: 100 },
      );
      expect(toldAt(events).filter((line) => !/start|stopping/.test(line))).toEqual([
        '0 up',
        '20 shutdown (shutdown)',
        '30 overdue given up before 1 after 10',
        '30 exit given up before 1 stopped',
        '119 exit in time 1 stopped',
        '120 overdue late 1 after Infinity',
        '120 exit late 1 stopped',
        '120 overdue hung 1 after Infinity',
        '120 exit hung 1 stopped',
        '120 down',
      ]);
      const { stragglers, failures } = (await report)!;
      expect(stragglers).toMatchObject([
        { task: 'given up before', age: 113 },
        { task: 'late', age: 113 },
        { task: 'hung', age: 113 },
      ]);
      expect(failures).toHaveLength(3);
      const failure = (await ran()) as RunnerFailedError;
      expect(failure.cause).toBeInstanceOf(OverdueError);
    });

    it('should be told of no straggler when all ended in time', async () => {
      const ran = virtually(
        flavourCase,
        (world) => {
          world.runner.adopt(slow(100), { flavour: world.flavour, grace: Infinity });
          world.run();
          world.at(0, () => void world.runner.shutdown());
          world.flush();
          return world.ran();
        },
        { shutdownTimeout: 101 },
      );
      expect(await ran).toMatchObject({ stragglers: [], failures: [] });
    });

    it('should give up children before their parents, and a parent that waits for them', async () => {
      const { events, ran } = virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, at } = world;
          runner.adopt(
            ({ adopt }) => {
              adopt(hung, { name: 'b', flavour, grace: Infinity });
              adopt(hung, { name: 'c', flavour, grace: Infinity });
              return NEVER;
            },
            { name: 'a', flavour },
          );
          world.run();
          at(5, () => void runner.shutdown());
          world.flush();
          return world;
        },
        { shutdownTimeout: 50 },
      );
      const exits = toldAt(events.filter(({ type }) => type === 'exit'));
      expect(exits).toEqual([
        '55 exit a/c 1 stopped',
        '55 exit a/b 1 stopped',
        '55 exit a 1 stopped',
      ]);
      const { report } = (await ran()) as RunnerFailedError;
      expect(report.stragglers.map(({ task }) => task).sort()).toEqual(['a/b', 'a/c']);
    });

    it('should not wait for a crash that is being torn down, nor lose its error', async () => {
      const { ran, events } = virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, at } = world;
          runner.adopt(
            ({ onTeardown }) => {
              onTeardown(() => HUNG);
              throw BOOM;
            },
            { name: 'a', flavour, grace: Infinity },
          );
          world.run();
          at(5, () => void runner.shutdown());
          world.flush();
          return world;
        },
        { shutdownTimeout: 50 },
      );
      expect(toldAt(ofTask(events, 'a'))).toEqual([
        '0 start a 1',
        '0 crash a 1',
        '55 overdue a 1 after Infinity',
        '55 exit a 1 failed fatal',
      ]);
      const { cause, failures } = (await ran()) as RunnerFailedError;
      expect(cause).toBe(BOOM);
      expect(failures).toHaveLength(2);
    });

    it('should be possible to be 0', async () => {
      const { ran, events } = virtually(
        flavourCase,
        (world) => {
          world.runner.adopt(slow(1), { name: 'a', flavour: world.flavour });
          world.run();
          world.at(5, () => void world.runner.shutdown());
          world.flush();
          return world;
        },
        { shutdownTimeout: 0 },
      );
      expect(only(events, 'down').at).toBe(5);
      expect(((await ran()) as RunnerFailedError).report.stragglers).toHaveLength(1);
    });

    it('should leave no timer of a grace that was cut short', () => {
      virtually(
        flavourCase,
        ({ runner, flavour, run, flush, at, now }) => {
          runner.adopt(hung, { flavour, grace: 5_000 });
          run();
          at(5, () => void runner.shutdown());
          flush();
          expect(runner.state).toBe('stopped');
          expect(now()).toBe(105);
        },
        { shutdownTimeout: 100 },
      );
    });

    it('should leave no timer when all has ended before', () => {
      virtually(flavourCase, ({ runner, flavour, run, flush, at, now }) => {
        runner.adopt(slow(10), { flavour });
        run();
        at(5, () => void runner.shutdown());
        flush();
        expect(now()).toBe(15);
      });
    });
  });

  it('should never reject, whatever failed', async () => {
    const report = virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      let report: Promise<Report> | undefined;
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => {
            throw BOOM;
          });
          return NEVER;
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => {
        report = runner.shutdown();
      });
      flush();
      return report;
    });
    await expect(report).resolves.toMatchObject({ failures: [{ task: 'a', error: BOOM }] });
  });
});
