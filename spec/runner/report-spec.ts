import { format } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import debug from 'debug';
import { EMPTY, NEVER, Observable, throwError, timer } from 'rxjs';
import { type Report, Runner, type RunnerFailedError, type TaskContext } from '../../src/index.js';
import {
  HUNG,
  VIRTUAL_FLAVOURS,
  later,
  only,
  surfacing,
  told,
  turn,
  virtually,
} from './support.js';

const BOOM = new Error('boom');

describe.each(VIRTUAL_FLAVOURS)('the report, on $name', (flavourCase) => {
  it('should have everything in it, and be the one that `down` tells', async () => {
    const { ran, events } = virtually(flavourCase, (world) => {
      const { runner, flavour, at } = world;
      const deliver = { flavour, errors: 'deliver' } as const;
      runner.adopt(EMPTY, { name: 'completed', flavour });
      runner
        .adopt(
          throwError(() => BOOM),
          { ...deliver, name: 'delivered' },
        )
        .subscribe({ error: () => undefined });
      runner.execute(timer(1), { flavour }).subscribe();
      runner.adopt(NEVER, { name: 'stopped', flavour });
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => HUNG);
          return NEVER;
        },
        { name: 'hung', flavour, grace: 20 },
      );
      at(10, () => {
        world.run();
      });
      at(50, () => void runner.shutdown('enough'));
      world.flush();
      return world;
    });
    const { report } = only(events, 'down');
    expect(report).toEqual({
      reason: { type: 'shutdown', message: 'enough' },
      failures: [
        { task: 'hung', error: expect.objectContaining({ name: 'OverdueError' }) as unknown },
      ],
      tolerated: [],
      stragglers: [{ task: 'hung', flavour: flavourOf(events), age: 60 }],
      counts: { completed: 2, stopped: 2, failed: 1 },
      uptime: 60,
    });
    expect(((await ran()) as RunnerFailedError).report).toBe(report);
    expect(told(events).at(-1)).toBe('down');
  });

  it('should count lives, not attempts, children and executions among them', async () => {
    const ran = virtually(flavourCase, (world) => {
      const { runner, flavour } = world;
      runner.adopt(
        ({ adopt, execute, attempt }) => {
          adopt(EMPTY, { flavour });
          execute(EMPTY, { flavour }).subscribe();
          return new Observable<never>((subscriber) =>
            timer(1).subscribe(() => {
              if (attempt < 3) subscriber.error(BOOM);
              else subscriber.complete();
            }),
          );
        },
        { flavour, restart: 'on-failure' },
      );
      world.run({ until: 'idle' });
      world.flush();
      return world.ran();
    });
    expect(((await ran) as Report).counts).toEqual({ completed: 7, stopped: 0, failed: 0 });
  });

  it('should name exactly those that are still not over, with flavour and age (PITFALLS C20, D7)', async () => {
    const ran = virtually(
      flavourCase,
      (world) => {
        const { runner, flavour, at } = world;
        const slow =
          (delay: number) =>
          ({ onTeardown }: TaskContext) => {
            onTeardown(() => later(delay));
            return NEVER;
          };
        // Over in time; given up, but over before the report; given up and still not over; hung.
        for (const delay of [10, 60, 5_000])
          runner.adopt(slow(delay), { name: `${delay}`, flavour });
        at(30, () => {
          runner.adopt(() => later(Infinity, () => undefined), { name: 'young', flavour });
        });
        runner.adopt(slow(90), { name: 'keeps the runner', flavour, grace: 100 });
        world.run();
        at(100, () => void runner.shutdown());
        world.flush();
        return world.ran();
      },
      { grace: 50 },
    );
    const { report, failures } = (await ran) as RunnerFailedError;
    expect(report.stragglers.map(({ task, age }) => [task, age])).toEqual([
      ['5000', 190],
      ['young', 160],
    ]);
    expect(failures.map(({ task }) => task).sort()).toEqual(['5000', '60', 'young']);
  });

  it('should keep the cause of what was cancelled before it could start (PITFALLS D4)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      let error: unknown;
      run();
      at(5, () => {
        runner
          .execute(EMPTY, { name: 'late', flavour })
          .subscribe({ error: (e: unknown) => (error = e) });
        void runner.shutdown({ type: 'failure', cause: BOOM });
      });
      flush();
      expect(error).toMatchObject({ name: 'CancelledError', reason: { cause: BOOM } });
      expect(only(events, 'down').report.reason).toEqual({ type: 'failure', cause: BOOM });
    });
  });

  it('should be told after `stopping`, which is told at the beginning; `ready` only by those that are (PITFALLS C22)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, events, at }) => {
      runner.adopt(
        ({ ready, onTeardown }) => {
          onTeardown(() => later(10));
          return new Observable<never>(() => timer(3).subscribe(ready));
        },
        { name: 'a', flavour },
      );
      runner.adopt(
        ({ onTeardown, ready }) => {
          onTeardown(ready);
          throw BOOM;
        },
        { name: 'b', flavour, restart: 'on-failure' },
      );
      run();
      at(5, () => void runner.shutdown());
      flush();
      expect(told(events)).toEqual([
        'up',
        'start a 1',
        'start b 1',
        'crash b 1 restarting',
        'restart b 1 in 1000 (crash)',
        'ready a 1',
        'shutdown (shutdown)',
        'stopping a 1 (shutdown)',
        'exit b 1 stopped',
        'exit a 1 stopped',
        'down',
      ]);
    });
  });

  it('should not know what fails when it has been made', async () => {
    const ran = virtually(
      flavourCase,
      (world) => {
        world.runner.adopt(
          ({ onTeardown }) => {
            onTeardown(() =>
              later(500, () => {
                throw BOOM;
              }),
            );
            return NEVER;
          },
          { flavour: world.flavour },
        );
        world.run();
        world.at(5, () => void world.runner.shutdown());
        world.flush();
        return world.ran();
      },
      { grace: 10 },
    );
    const { report } = (await ran) as RunnerFailedError;
    expect(report.tolerated).toEqual([]);
    expect(report.failures).toHaveLength(1);
  });
});

describe('what fails after the end', () => {
  const { log } = debug;

  afterEach(() => {
    debug.disable();
    debug.log = log;
  });

  it('should go to the log, by name, and surface nowhere (PITFALLS D7)', async () => {
    const lines: unknown[][] = [];
    debug.log = (...line: unknown[]) => lines.push(line);
    debug.enable('rxvisor:*');
    const runner = new Runner({ grace: 1 });
    runner.adopt(
      async ({ signal }) => {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        await turn();
        await turn();
        throw new Error('too late');
      },
      { name: 'a' },
    );
    const errors = await surfacing(async () => {
      const ran = runner.run().catch(() => undefined);
      await turn();
      await runner.shutdown();
      await ran;
      for (let n = 0; n < 10; n++) await turn();
    });
    expect(errors).toEqual([]);
    expect(lines.map((line) => format(...line)).join('\n')).toMatch(/"a" failed after .*too late/s);
  });
});

/** All tasks of a spec have one flavour. */
function flavourOf(events: readonly object[]): unknown {
  return (events.find((event) => 'flavour' in event) as { flavour: string }).flavour;
}
