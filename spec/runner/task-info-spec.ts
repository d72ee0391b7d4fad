import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, throwError } from 'rxjs';
import type { LifecycleEvent, Runner, TaskContext, TaskInfo } from '../../src/index.js';
import { VIRTUAL_FLAVOURS, later, virtually } from './support.js';

const BOOM = new Error('boom');

/** What the events alone say of who lives, and how. */
class Fold {
  readonly #lives = new Map<number, { state: string; attempt: number; restarts: number }>();

  add(event: LifecycleEvent): void {
    if (!('task' in event)) return;
    const { id, attempt } = event;
    const life = this.#lives.get(id) ?? { state: 'waiting', attempt: 0, restarts: 0 };
    this.#lives.set(id, life);
    life.attempt = attempt;
    if (event.type === 'start') life.state = 'running';
    if (event.type === 'crash' || event.type === 'stopping') life.state = 'stopping';
    if (event.type === 'restart') {
      life.state = 'backoff';
      life.restarts++;
    }
    if (event.type === 'exit') this.#lives.delete(id);
  }

  get(id: number): unknown {
    return this.#lives.get(id);
  }

  get size(): number {
    return this.#lives.size;
  }
}

describe.each(VIRTUAL_FLAVOURS)('tasks(), on $name', (flavourCase) => {
  it('should say what a task is, and be frozen', () => {
    virtually(flavourCase, ({ runner, flavour, at, flush }) => {
      at(5, () => {
        runner.adopt(NEVER, { name: 'a', flavour });
        runner.execute(NEVER, { name: 'e', flavour }).subscribe({ error: () => undefined });
      });
      flush();
      const tasks = runner.tasks();
      const common = { attempt: 0, restarts: 0, ready: false, since: 5, state: 'waiting' };
      expect(tasks).toEqual([
        { ...common, id: 1, name: 'a', flavour: flavour.name, origin: 'adopt' },
        { ...common, id: 2, name: 'e', flavour: flavour.name, origin: 'execute' },
      ]);
      expect(tasks.every((task) => Object.isFrozen(task))).toBe(true);
      expect(runner.tasks()).not.toBe(tasks);
    });
  });

  it('should follow a task through its life', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const seen: [number, Partial<TaskInfo> | undefined][] = [];
      const look = (time: number) => {
        at(time, () => {
          const [info] = runner.tasks();
          const { state, attempt, restarts, since, nextStartAt, lastError, ready } = info ?? {};
          seen.push([
            time,
            info && {
              state: state!,
              attempt: attempt!,
              restarts: restarts!,
              since: since!,
              ready: ready!,
              ...(nextStartAt !== undefined && { nextStartAt }),
              ...(info && 'lastError' in info && { lastError }),
            },
          ]);
        });
      };
      runner.adopt(
        ({ attempt, onTeardown }: TaskContext) => {
          onTeardown(() => later(10));
          return attempt < 2 ? throwError(() => BOOM) : NEVER;
        },
        { name: 'a', flavour, restart: 'on-failure', backoff: () => 100 },
      );
      for (const time of [0, 5, 50, 115, 155, 200]) look(time);
      at(1, run);
      at(150, () => void runner.stop('a'));
      flush();
      const lastError = BOOM;
      expect(seen).toEqual([
        [0, { state: 'waiting', attempt: 0, restarts: 0, since: 0, ready: false }],
        [5, { state: 'stopping', attempt: 1, restarts: 0, since: 1, ready: false, lastError }],
        [
          50,
          {
            state: 'backoff',
            attempt: 1,
            restarts: 1,
            since: 11,
            ready: false,
            nextStartAt: 111,
            lastError,
          },
        ],
        [115, { state: 'running', attempt: 2, restarts: 1, since: 111, ready: true, lastError }],
        [155, { state: 'stopping', attempt: 2, restarts: 1, since: 111, ready: false, lastError }],
        [200, undefined],
      ]);
    });
  });

  it('should keep an undefined that was thrown as the last error', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      runner.adopt(
        throwError(() => undefined),
        { name: 'a', flavour, restart: 'on-failure' },
      );
      run();
      at(5, () => {
        expect(runner.tasks()[0]).toHaveProperty('lastError', undefined);
        void runner.stop('a');
      });
      flush();
    });
  });

  it('should not say that an attempt is being stopped which had completed before it was asked', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      runner.adopt(
        ({ onTeardown }) => {
          onTeardown(() => later(10));
        },
        { name: 'a', flavour },
      );
      run();
      at(5, () => {
        void runner.stop('a');
        expect(runner.tasks()).toMatchObject([{ state: 'running' }]);
      });
      flush();
      expect(runner.tasks()).toEqual([]);
    });
  });

  it('should list the living in the order of their coming', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush }) => {
      for (const name of ['c', 'a', 'b', 'd']) runner.adopt(NEVER, { name, flavour });
      run();
      flush();
      void runner.stop('a');
      runner.adopt(NEVER, { name: 'e', flavour });
      expect(runner.tasks().map(({ name }) => name)).toEqual(['c', 'b', 'd', 'e']);
    });
  });

  it('should equal the fold of the events at every step (PITFALLS D10)', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const fold = new Fold();
      let compared = 0;
      const compare = (runner: Runner) => {
        for (const { id, state, attempt, restarts } of runner.tasks()) {
          const told = fold.get(id) ?? { state: 'waiting', attempt: 0, restarts: 0 };
          expect({ id, state, attempt, restarts }).toEqual({ id, ...told });
          compared++;
        }
        expect(fold.size).toBeLessThanOrEqual(runner.tasks().length);
      };
      runner.events$.subscribe((event) => {
        fold.add(event);
      });
      runner.adopt(
        ({ attempt, adopt, onTeardown }) => {
          adopt(NEVER, { name: 'child', flavour });
          onTeardown(() => later(7));
          return attempt < 4 ? throwError(() => BOOM) : NEVER;
        },
        { name: 'a', flavour, restart: 'always', backoff: () => 5 },
      );
      runner.adopt(({ attempt }) => (attempt < 3 ? EMPTY : NEVER), {
        name: 'b',
        flavour,
        restart: 'always',
        backoff: () => 13,
      });
      run();
      for (let time = 0; time < 100; time += 3) {
        at(time, () => {
          compare(runner);
        });
      }
      at(60, () => {
        runner.restart('a');
      });
      at(70, () => void runner.stop('b'));
      at(90, () => void runner.shutdown());
      flush();
      expect(compared).toBeGreaterThan(50);
      expect(runner.tasks()).toEqual([]);
      expect(fold.size).toBe(0);
    });
  });

  it('should say when each event is told what that event says', () => {
    virtually(flavourCase, ({ runner, flavour, run, flush, at }) => {
      const seen: string[] = [];
      runner.events$.subscribe((event) => {
        if (!('task' in event)) return;
        const info = runner.tasks().find(({ id }) => id === event.id);
        seen.push(`${event.type}: ${info?.state ?? 'gone'} ${info?.attempt ?? ''}`.trim());
      });
      runner.adopt(
        ({ attempt, onTeardown }) => {
          onTeardown(() => later(5));
          return attempt < 2 ? throwError(() => BOOM) : NEVER;
        },
        { name: 'a', flavour, restart: 'on-failure', backoff: () => 100 },
      );
      run();
      at(200, () => void runner.stop('a'));
      flush();
      expect(seen).toEqual([
        'start: running 1',
        'crash: stopping 1',
        'restart: backoff 1',
        'start: running 2',
        'stopping: stopping 2',
        'exit: gone',
      ]);
    });
  });
});
