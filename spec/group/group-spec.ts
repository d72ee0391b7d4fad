import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, type Observable, Subject, merge, of, throwError } from 'rxjs';
import {
  CancelledError,
  DuplicateNameError,
  InvalidPayloadError,
  OrphanedValueError,
  RestartLimitError,
  RunnerFailedError,
  StopRestarting,
} from '../../src/errors.js';
import { group } from '../../src/group/group.js';
import type { MemberSpec } from '../../src/group/plan.js';
import type { TaskEvent } from '../../src/lifecycle/events.js';
import type { TaskContext } from '../../src/task/shapes.js';
import {
  HUNG,
  VIRTUAL_FLAVOURS,
  ofTask,
  only,
  surfacing,
  tell,
  told,
  toldAt,
  virtually,
} from '../runner/support.js';
import {
  BOOM,
  adoptGroup,
  completes,
  crashes,
  inTurn,
  onFlavour,
  readies,
  reportOf,
  tearsDown,
} from './support.js';

describe('group', () => {
  it('should run nothing before it is adopted, and nothing before the runner runs', () => {
    const payload = jest.fn(() => NEVER);
    const made = group([{ name: 'a', payload }]);
    virtually(VIRTUAL_FLAVOURS[0]!, ({ runner, events, flush }) => {
      runner.adopt(made);
      flush();
      expect(payload).not.toHaveBeenCalled();
      expect(runner.tasks()).toMatchObject([{ name: 'group', state: 'waiting' }]);
      expect(events).toEqual([]);
    });
  });

  it('should say that it is a payload when it is called by hand', () => {
    const made = group([]);
    expect(() => made({} as TaskContext)).toThrow(InvalidPayloadError);
    expect(() => made({} as TaskContext)).toThrow(/hand it to adopt\(\) or execute\(\)/);
  });

  it('should be made once for many attempts and many tasks, and keep the list as it was', () => {
    virtually(VIRTUAL_FLAVOURS[0]!, ({ runner, run, flush }) => {
      const specs: MemberSpec[] = [{ name: 'a', payload: NEVER }];
      const made = group(specs);
      specs.push({ name: 'b', payload: NEVER });
      runner.adopt(made, { name: 'g' });
      runner.adopt(made, { name: 'h' });
      run();
      flush();
      expect(runner.tasks().map(({ name }) => name)).toEqual(['g', 'h', 'g/a', 'h/a']);
    });
  });
});

describe.each(VIRTUAL_FLAVOURS)('a group, on $name', (flavourCase) => {
  describe('of any size', () => {
    it('should complete at once without members', async () => {
      const world = virtually(flavourCase, (given) => {
        adoptGroup(given, []);
        given.run({ until: 'idle' });
        given.flush();
        return given;
      });
      expect(toldAt(world.events)).toEqual([
        '0 up',
        '0 start g 1',
        '0 exit g 1 completed',
        '0 shutdown (idle)',
        '0 down',
      ]);
      expect(await world.ran()).toMatchObject({ counts: { completed: 1, stopped: 0, failed: 0 } });
    });

    it('should complete with its only member', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [{ name: 'a', payload: completes(5) }]);
        world.run();
        world.flush();
        expect(toldAt(world.events)).toEqual([
          '0 up',
          '0 start g 1',
          '0 start g/a 1',
          '5 exit g/a 1 completed',
          '5 exit g 1 completed',
        ]);
      });
    });

    it('should start its members in list order and complete when the last one has ended', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: completes(20) },
          { name: 'b', payload: tearsDown(30, completes(10)) },
          { name: 'c', payload: crashes(5), restart: 'never' },
          { name: 'd', payload: NEVER },
        ]);
        world.run();
        world.at(30, () => void world.runner.stop('g/d'));
        world.flush();
        expect(toldAt(world.events)).toEqual([
          '0 up',
          '0 start g 1',
          '0 start g/a 1',
          '0 start g/b 1',
          '0 start g/c 1',
          '0 start g/d 1',
          '5 crash g/c 1',
          '5 exit g/c 1 failed',
          '20 exit g/a 1 completed',
          '30 stopping g/d 1 (stop)',
          '30 exit g/d 1 stopped',
          '40 exit g/b 1 completed',
          '40 exit g 1 completed',
        ]);
      });
    });

    it('should start, stop and complete thousands of members', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        const many = Array.from({ length: 3_000 }, (_, i) => ({ name: `${i}`, payload: NEVER }));
        adoptGroup(world, many);
        world.run();
        at(5, () => void runner.stop('g'));
        world.flush();
        const of = (type: string) =>
          events
            .filter((event): event is TaskEvent => event.type === type && 'task' in event)
            .map(({ task }) => task);
        const paths = many.map(({ name }) => `g/${name}`);
        expect(of('start')).toEqual(['g', ...paths]);
        expect(of('stopping')).toEqual(['g', ...[...paths].reverse()]);
        expect(of('exit')).toEqual([...[...paths].reverse(), 'g']);
        expect(events.filter(({ type }) => type === 'overdue')).toEqual([]);
        expect(events.at(-1)?.at).toBe(5);
      });
    }, 20_000);
  });

  describe('and the values and arguments of its members', () => {
    it('should emit nothing: what a member emits is orphaned, like the value of any task', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        const values: unknown[] = [];
        adoptGroup(world, [
          { name: 'a', payload: inTurn(of(5) as unknown as Observable<never>, NEVER) },
          { name: 'b', payload: NEVER },
        ]).subscribe((value) => values.push(value));
        world.run();
        world.flush();
        expect(values).toEqual([]);
        const { error } = only(events, 'crash');
        expect(error).toBeInstanceOf(OrphanedValueError);
        expect(error).toMatchObject({ task: 'g/a', value: 5 });
        expect(toldAt(events).slice(2)).toEqual([
          '0 start g/a 1',
          '0 crash g/a 1 restarting',
          '0 restart g/a 1 in 1000 (crash)',
          '0 start g/b 1',
          '1000 start g/a 2',
        ]);
      });
    });

    it('should hand each member its own arguments, and its context last', () => {
      virtually(flavourCase, (world) => {
        const calls: unknown[][] = [];
        const payload = (a: number, b: string, { name, attempt }: TaskContext) => {
          calls.push([a, b, name, attempt]);
        };
        adoptGroup(world, [{ name: 'a', payload, args: [1, 'x'] }]);
        world.run();
        world.flush();
        expect(calls).toEqual([[1, 'x', 'g/a', 1]]);
      });
    });
  });

  describe('and a crash', () => {
    // I31: what x does and what is told of it, beside each of these and beside one that does nothing.
    it.each<[string, Omit<MemberSpec, 'name'>]>([
      ['crashes again and again', { payload: crashes(3), backoff: () => 2 }],
      ['crashes for good', { payload: crashes(3), restart: 'never' }],
      ['crashes at once', { payload: throwError(() => BOOM) }],
      [
        'throws',
        {
          payload: () => {
            throw BOOM;
          },
        },
      ],
      ['orphans a value', { payload: merge(of(1), NEVER), restart: 'never' }],
      ['spends its budget', { payload: crashes(1), backoff: () => 0, maxRestarts: 3 }],
      [
        'is overdue after a crash',
        {
          payload: ({ onTeardown }) => {
            onTeardown(() => HUNG);
            throw BOOM;
          },
          grace: 5,
        },
      ],
      ['completes', { payload: completes(3) }],
      ['completes again and again', { payload: completes(3), restart: 'always', backoff: () => 1 }],
    ])('should never touch a sibling of one that %s (PITFALLS D11)', (_, y) => {
      const project = (sibling: Omit<MemberSpec, 'name'>, first: boolean) =>
        virtually(flavourCase, (world) => {
          const { runner, events, at } = world;
          const xs: MemberSpec[] = [
            {
              name: 'x',
              payload: inTurn(crashes(7), completes(9), readies(2)),
              restart: 'always',
              backoff: () => 6,
            },
          ];
          const ys: MemberSpec[] = [{ name: 'y', ...sibling }];
          adoptGroup(world, first ? [...ys, ...xs] : [...xs, ...ys]);
          world.run();
          at(100, () => void runner.stop('g/x'));
          at(200, () => void runner.shutdown());
          world.flush();
          return toldAt(ofTask(events, 'g/x'));
        });
      const alone = project({ payload: NEVER }, true);
      expect(alone).toHaveLength(9);
      expect(project(y, true)).toEqual(alone);
      expect(project(y, false)).toEqual(alone);
    });

    it('should restart a member on failure unless told, after the backoff of any task', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: inTurn(crashes(5), crashes(5), NEVER) },
          { name: 'b', payload: completes(5) },
          { name: 'c', payload: inTurn(completes(5), NEVER), restart: 'always', backoff: () => 20 },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(world.events, 'g/a'))).toEqual([
          '0 start g/a 1',
          '5 crash g/a 1 restarting',
          '5 restart g/a 1 in 1000 (crash)',
          '1005 start g/a 2',
          '1010 crash g/a 2 restarting',
          '1010 restart g/a 2 in 2000 (crash)',
          '3010 start g/a 3',
        ]);
        expect(toldAt(ofTask(world.events, 'g/b'))).toEqual([
          '0 start g/b 1',
          '5 exit g/b 1 completed',
        ]);
        expect(toldAt(ofTask(world.events, 'g/c'))).toEqual([
          '0 start g/c 1',
          '5 restart g/c 1 in 20 (complete)',
          '25 start g/c 2',
        ]);
      });
    });

    it('should charge the budget of the member that crashed and of nobody else (PITFALLS B12)', () => {
      virtually(flavourCase, (world) => {
        const { events, runner } = world;
        const options = { backoff: () => 0, maxRestarts: 2 };
        adoptGroup(world, [
          { name: 'a', payload: crashes(1), ...options },
          { name: 'b', payload: inTurn(crashes(2), crashes(2), NEVER), ...options },
          { name: 'c', payload: inTurn(crashes(3), crashes(3), NEVER), ...options },
        ]);
        world.run();
        world.flush();
        expect(only(events, 'exit').error).toBeInstanceOf(RestartLimitError);
        expect(only(events, 'exit')).toMatchObject({ task: 'g/a', attempt: 3 });
        expect(runner.tasks().map(({ name, restarts }) => [name, restarts])).toEqual([
          ['g', 0],
          ['g/b', 2],
          ['g/c', 2],
        ]);
      });
    });

    it('should tell the final failure of a member that is not significant, and go on', async () => {
      const world = virtually(flavourCase, (given) => {
        adoptGroup(given, [
          { name: 'a', payload: crashes(5), restart: 'never' },
          { name: 'b', payload: crashes(6, new StopRestarting('enough')) },
          { name: 'c', payload: completes(10) },
        ]);
        given.run({ until: 'idle' });
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(5)).toEqual([
        '5 crash g/a 1',
        '5 exit g/a 1 failed',
        '6 crash g/b 1',
        '6 exit g/b 1 failed',
        '10 exit g/c 1 completed',
        '10 exit g 1 completed',
        '10 shutdown (idle)',
        '10 down',
      ]);
      expect(only(world.events, 'exit', 'g/a')).toMatchObject({ error: BOOM, fatal: false });
      const report = await world.ran();
      expect(report).toMatchObject({
        failures: [],
        counts: { completed: 2, stopped: 0, failed: 2 },
      });
      expect((await reportOf(world)).tolerated).toEqual([
        { task: 'g/a', error: BOOM },
        { task: 'g/b', error: 'enough' },
      ]);
    });

    it('should complete when all have failed that were not significant', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: throwError(() => BOOM), restart: 'never' },
          { name: 'b', payload: throwError(() => BOOM), restart: 'never' },
        ]);
        world.run();
        world.flush();
        expect(told(world.events).at(-1)).toBe('exit g 1 completed');
      });
    });
  });

  describe('with a significant member that fails for good', () => {
    it('should stop its siblings first, in reverse, and then fail with the same object', async () => {
      const world = virtually(flavourCase, (given) => {
        adoptGroup(given, [
          { name: 'a', payload: tearsDown(10) },
          { name: 'x', payload: crashes(5), restart: 'never', significant: true },
          { name: 'b', payload: NEVER },
          { name: 'c', payload: tearsDown(20) },
        ]);
        given.run();
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(6)).toEqual([
        '5 crash g/x 1',
        '5 exit g/x 1 failed',
        '5 stopping g/c 1 (failure)',
        '25 exit g/c 1 stopped',
        '25 stopping g/b 1 (failure)',
        '25 exit g/b 1 stopped',
        '25 stopping g/a 1 (failure)',
        '35 exit g/a 1 stopped',
        '35 crash g 1',
        '35 exit g 1 failed fatal',
        '35 shutdown (failure)',
        '35 down',
      ]);
      expect(only(world.events, 'stopping', 'g/a').reason).toEqual({
        type: 'failure',
        cause: BOOM,
      });
      expect(only(world.events, 'exit', 'g').error).toBe(BOOM);
      const error = (await world.ran()) as RunnerFailedError;
      expect(error).toBeInstanceOf(RunnerFailedError);
      expect(error.cause).toBe(BOOM);
      expect(error.failures).toEqual([{ task: 'g', error: BOOM }]);
      expect(error.report.tolerated).toEqual([]);
    });

    it('should go on for as long as that one restarts', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        adoptGroup(world, [
          { name: 'x', payload: crashes(5), significant: true, maxRestarts: 1, backoff: () => 10 },
          { name: 'a', payload: NEVER },
        ]);
        world.run();
        world.flush();
        expect(toldAt(events).slice(4)).toEqual([
          '5 crash g/x 1 restarting',
          '5 restart g/x 1 in 10 (crash)',
          '15 start g/x 2',
          '20 crash g/x 2',
          '20 exit g/x 2 failed',
          '20 stopping g/a 1 (failure)',
          '20 exit g/a 1 stopped',
          '20 crash g 1',
          '20 exit g 1 failed fatal',
          '20 shutdown (failure)',
          '20 down',
        ]);
        expect(only(events, 'exit', 'g').error).toBeInstanceOf(RestartLimitError);
        expect(only(events, 'exit', 'g').error).toBe(only(events, 'exit', 'g/x').error);
      });
    });

    it('should complete when that one completes or is stopped', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'x', payload: completes(5), significant: true },
          { name: 'y', payload: NEVER, significant: true },
        ]);
        world.run();
        world.at(10, () => void world.runner.stop('g/y'));
        world.flush();
        expect(told(world.events).slice(-2)).toEqual(['exit g/y 1 stopped', 'exit g 1 completed']);
      });
    });

    it('should fail with it when it is the only member', () => {
      virtually(flavourCase, (world) => {
        const failing = throwError(() => BOOM);
        adoptGroup(world, [{ name: 'x', payload: failing, restart: 'never', significant: true }]);
        world.run();
        world.flush();
        expect(told(world.events).slice(3)).toEqual([
          'crash g/x 1',
          'exit g/x 1 failed',
          'crash g 1',
          'exit g 1 failed fatal',
          'shutdown (failure)',
          'down',
        ]);
      });
    });

    it.each([
      ['undefined', undefined],
      ['null', null],
      ['a string', 'boom'],
    ])('should fail when the error is %s (PITFALLS A12)', async (_, error) => {
      const world = virtually(flavourCase, (given) => {
        adoptGroup(given, [
          { name: 'x', payload: crashes(5, error), restart: 'never', significant: true },
          { name: 'a', payload: NEVER },
        ]);
        given.run();
        given.flush();
        return given;
      });
      expect((await reportOf(world)).failures).toEqual([{ task: 'g', error }]);
      expect(only(world.events, 'exit', 'g')).toMatchObject({ outcome: 'failed', error });
    });

    it('should be restarted whole when it is supervised, with fresh budgets', async () => {
      const world = virtually(flavourCase, (given) => {
        adoptGroup(
          given,
          [
            { name: 'a', payload: tearsDown(10) },
            { name: 'x', payload: crashes(5), significant: true, maxRestarts: 1, backoff: () => 1 },
          ],
          { restart: 'on-failure', maxRestarts: 1, backoff: () => 100 },
        );
        given.run();
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(2)).toEqual([
        '0 start g/a 1',
        '0 start g/x 1',
        '5 crash g/x 1 restarting',
        '5 restart g/x 1 in 1 (crash)',
        '6 start g/x 2',
        '11 crash g/x 2',
        '11 exit g/x 2 failed',
        '11 stopping g/a 1 (failure)',
        '21 exit g/a 1 stopped',
        '21 crash g 1 restarting',
        '21 restart g 1 in 100 (crash)',
        '121 start g 2',
        '121 start g/a 1',
        '121 start g/x 1',
        '126 crash g/x 1 restarting',
        '126 restart g/x 1 in 1 (crash)',
        '127 start g/x 2',
        '132 crash g/x 2',
        '132 exit g/x 2 failed',
        '132 stopping g/a 1 (failure)',
        '142 exit g/a 1 stopped',
        '142 crash g 2',
        '142 exit g 2 failed fatal',
        '142 shutdown (failure)',
        '142 down',
      ]);
      // I37: 2 attempts of the group, each with 2 of the member.
      const starts = ofTask(world.events, 'g/x').filter(({ type }) => type === 'start');
      expect(starts).toHaveLength(4);
      const error = (await world.ran()) as RunnerFailedError;
      expect(error).toBeInstanceOf(RunnerFailedError);
      expect(error.failures).toMatchObject([
        { task: 'g', error: { code: 'ERR_RXVISOR_RESTART_LIMIT' } },
      ]);
    });

    it('should keep the failure of another that fails while the siblings stop (PITFALLS D2)', async () => {
      const other = new Error('other');
      const world = virtually(flavourCase, (given) => {
        adoptGroup(given, [
          { name: 'y', payload: crashes(10, other), restart: 'never', significant: true },
          { name: 'x', payload: crashes(5), restart: 'never', significant: true },
          { name: 'a', payload: tearsDown(20) },
        ]);
        given.run();
        given.flush();
        return given;
      });
      expect(only(world.events, 'exit', 'g').error).toBe(BOOM);
      expect((await reportOf(world)).failures).toEqual([
        { task: 'g/y', error: other },
        { task: 'g', error: BOOM },
      ]);
    });

    it('should keep that failure when it is stopped meanwhile, and not restart', async () => {
      const world = virtually(flavourCase, (given) => {
        const { runner, at } = given;
        adoptGroup(
          given,
          [
            { name: 'x', payload: crashes(5), restart: 'never', significant: true },
            { name: 'a', payload: tearsDown(20) },
          ],
          { restart: 'on-failure' },
        );
        given.run();
        at(10, () => void runner.stop('g'));
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(4, 10)).toEqual([
        '5 crash g/x 1',
        '5 exit g/x 1 failed',
        '5 stopping g/a 1 (failure)',
        '10 stopping g 1 (stop)',
        '25 exit g/a 1 stopped',
        '25 exit g 1 stopped',
      ]);
      expect((await reportOf(world)).failures).toEqual([{ task: 'g/x', error: BOOM }]);
    });

    it.each([
      ['shuts down', 10_000, ['g/x']],
      ['shuts down and gives up waiting', 7, ['g/x', 'g/a']],
    ])(
      'should keep that failure when its runner %s meanwhile',
      async (_, shutdownTimeout, tasks) => {
        const world = virtually(
          flavourCase,
          (given) => {
            const { runner, at } = given;
            adoptGroup(given, [
              { name: 'x', payload: crashes(5), restart: 'never', significant: true },
              { name: 'a', payload: tearsDown(20) },
            ]);
            given.run();
            at(10, () => void runner.shutdown());
            given.flush();
            return given;
          },
          { shutdownTimeout },
        );
        const { failures } = await reportOf(world);
        expect(failures.map(({ task }) => task)).toEqual(tasks);
        expect(failures[0]?.error).toBe(BOOM);
      },
    );
  });

  describe('within others', () => {
    it('should nest, with names like g/h/a, and stop from the outside in', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events, at } = world;
        const inner = group(
          onFlavour(flavour, [
            { name: 'a', payload: tearsDown(10) },
            { name: 'b', payload: NEVER },
          ]),
        );
        adoptGroup(world, [
          { name: 'first', payload: NEVER },
          { name: 'h', payload: inner },
          { name: 'last', payload: NEVER },
        ]);
        world.run();
        at(5, () => void runner.shutdown('enough'));
        world.flush();
        expect(toldAt(events)).toEqual([
          '0 up',
          '0 start g 1',
          '0 start g/first 1',
          '0 start g/h 1',
          '0 start g/last 1',
          '0 start g/h/a 1',
          '0 start g/h/b 1',
          '5 shutdown (shutdown)',
          '5 stopping g 1 (shutdown)',
          '5 stopping g/last 1 (parent)',
          '5 exit g/last 1 stopped',
          '5 stopping g/h 1 (parent)',
          '5 stopping g/h/b 1 (parent)',
          '5 exit g/h/b 1 stopped',
          '5 stopping g/h/a 1 (parent)',
          '15 exit g/h/a 1 stopped',
          '15 exit g/h 1 stopped',
          '15 stopping g/first 1 (parent)',
          '15 exit g/first 1 stopped',
          '15 exit g 1 stopped',
          '15 down',
        ]);
        const reason = { type: 'shutdown', message: 'enough' };
        expect(only(events, 'stopping', 'g/h/a').reason).toEqual({
          type: 'parent',
          cause: { type: 'parent', cause: reason },
        });
      });
    });

    it('should complete inside a group, and fail it when it is significant and fails', () => {
      virtually(flavourCase, (world) => {
        const { flavour, events } = world;
        const inner = group(
          onFlavour(flavour, [
            { name: 'x', payload: crashes(5), restart: 'never', significant: true },
            { name: 'a', payload: NEVER },
          ]),
        );
        const done = group(onFlavour(flavour, [{ name: 'a', payload: completes(1) }]));
        adoptGroup(world, [
          { name: 'done', payload: done },
          { name: 'h', payload: inner, restart: 'never', significant: true },
          { name: 'b', payload: NEVER },
        ]);
        world.run();
        world.flush();
        expect(toldAt(events).slice(8)).toEqual([
          '1 exit g/done/a 1 completed',
          '1 exit g/done 1 completed',
          '5 crash g/h/x 1',
          '5 exit g/h/x 1 failed',
          '5 stopping g/h/a 1 (failure)',
          '5 exit g/h/a 1 stopped',
          '5 crash g/h 1',
          '5 exit g/h 1 failed',
          '5 stopping g/b 1 (failure)',
          '5 exit g/b 1 stopped',
          '5 crash g 1',
          '5 exit g 1 failed fatal',
          '5 shutdown (failure)',
          '5 down',
        ]);
        expect(only(events, 'exit', 'g').error).toBe(BOOM);
      });
    });

    it('should be restarted inside a group like any other member', () => {
      virtually(flavourCase, (world) => {
        const { flavour, events } = world;
        const x = { name: 'x', restart: 'never', significant: true } as const;
        const inner = group(onFlavour(flavour, [{ ...x, payload: crashes(5) }]));
        adoptGroup(world, [
          { name: 'h', payload: inner, maxRestarts: 1, backoff: () => 10 },
          { name: 'b', payload: completes(50) },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(events, 'g/h/x'))).toEqual([
          '0 start g/h/x 1',
          '5 crash g/h/x 1',
          '5 exit g/h/x 1 failed',
          '15 start g/h/x 1',
          '20 crash g/h/x 1',
          '20 exit g/h/x 1 failed',
        ]);
        expect(toldAt(events).slice(-2)).toEqual([
          '50 exit g/b 1 completed',
          '50 exit g 1 completed',
        ]);
      });
    });

    it('should be adopted by a task, below its name, and stop with it', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events, at } = world;
        runner.adopt(
          ({ adopt }) => {
            adopt(group(onFlavour(flavour, [{ name: 'a', payload: NEVER }])), {
              name: 'g',
              flavour,
            });
            return NEVER;
          },
          { name: 'web', flavour },
        );
        world.run();
        at(5, () => void runner.stop('web'));
        world.flush();
        expect(told(events).slice(1)).toEqual([
          'start web 1',
          'start web/g 1',
          'start web/g/a 1',
          'stopping web 1 (stop)',
          'stopping web/g 1 (parent)',
          'stopping web/g/a 1 (parent)',
          'exit web/g/a 1 stopped',
          'exit web/g 1 stopped',
          'exit web 1 stopped',
        ]);
      });
    });

    it('should be executed: it completes, or fails with the very same error', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events } = world;
        const heard: unknown[] = [];
        const listen = (what: string) => ({
          next: (value: unknown) => heard.push([what, value]),
          error: (error: unknown) => heard.push([what, error]),
          complete: () => heard.push([what, 'complete']),
        });
        const done = group(onFlavour(flavour, [{ name: 'a', payload: completes(5) }]));
        const failing = group(
          onFlavour(flavour, [
            { name: 'x', payload: crashes(7), restart: 'never', significant: true },
            { name: 'b', payload: NEVER },
          ]),
        );
        world.run();
        runner.execute(done, { name: 'done', flavour }).subscribe(listen('done'));
        runner.execute(failing, { name: 'failing', flavour }).subscribe(listen('failing'));
        world.flush();
        expect(heard).toEqual([
          ['done', 'complete'],
          ['failing', BOOM],
        ]);
        expect(only(events, 'exit', 'failing')).toMatchObject({ origin: 'execute', fatal: false });
        expect(only(events, 'exit', 'failing/b')).toMatchObject({ origin: 'adopt' });
        expect(runner.state).toBe('running');
      });
    });

    it('should stop in reverse when the one who executes it unsubscribes, or its runner stops', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events, at } = world;
        const errors: unknown[] = [];
        const made = group(
          onFlavour(flavour, [
            { name: 'a', payload: NEVER },
            { name: 'b', payload: tearsDown(10) },
          ]),
        );
        world.run();
        const execution = runner.execute(made, { name: 'g', flavour }).subscribe();
        runner.execute(made, { name: 'h', flavour }).subscribe({ error: (e) => errors.push(e) });
        at(5, () => {
          execution.unsubscribe();
        });
        at(50, () => void runner.shutdown());
        world.flush();
        expect(toldAt(ofTasksOf(events, 'g'))).toEqual([
          '0 start g 1',
          '0 start g/a 1',
          '0 start g/b 1',
          '5 stopping g 1 (unsubscribe)',
          '5 stopping g/b 1 (parent)',
          '15 exit g/b 1 stopped',
          '15 stopping g/a 1 (parent)',
          '15 exit g/a 1 stopped',
          '15 exit g 1 stopped',
        ]);
        expect(toldAt(ofTasksOf(events, 'h')).slice(-2)).toEqual([
          '60 exit h/a 1 stopped',
          '60 exit h 1 stopped',
        ]);
        expect(errors).toEqual([expect.any(CancelledError)]);
      });
    });

    it('should give the error to the subscribers of its task when it is to be delivered', () => {
      virtually(flavourCase, (world) => {
        const errors: unknown[] = [];
        adoptGroup(
          world,
          [{ name: 'x', payload: crashes(5), restart: 'never', significant: true }],
          { errors: 'deliver' },
        ).subscribe({ error: (error: unknown) => errors.push(error) });
        world.run();
        world.flush();
        expect(errors).toEqual([BOOM]);
        expect(world.runner.state).toBe('running');
      });
    });
  });

  it('should be known by the tasks of its runner: which wait, run, sleep and stop', () => {
    virtually(flavourCase, (world) => {
      const { runner, at } = world;
      adoptGroup(world, [
        { name: 'a', payload: readies(10), awaitReady: true },
        { name: 'b', payload: inTurn(crashes(5), NEVER) },
        { name: 'c', payload: tearsDown(10) },
        { name: 'd', payload: NEVER, after: ['a'] },
      ]);
      world.run();
      const states: unknown[] = [];
      at(7, () => {
        void runner.stop('g/c');
        states.push(...runner.tasks().map(({ name, state, ready }) => [name, state, ready]));
      });
      world.flush();
      expect(states).toEqual([
        ['g', 'running', true],
        ['g/a', 'running', false],
        ['g/b', 'backoff', false],
        ['g/c', 'stopping', false],
        ['g/d', 'waiting', false],
      ]);
    });
  });

  it('should start nobody when one of its members cannot be born (PITFALLS C10)', async () => {
    const world = virtually(flavourCase, (given) => {
      const { runner, flavour } = given;
      const payload = jest.fn(() => NEVER);
      runner.adopt(NEVER, { name: 'g/b', flavour });
      adoptGroup(given, [
        { name: 'a', payload },
        { name: 'b', payload },
        { name: 'c', payload },
      ]);
      given.run();
      given.flush();
      expect(payload).not.toHaveBeenCalled();
      return given;
    });
    expect(told(world.events).slice(1)).toEqual([
      'start g/b 1',
      'start g 1',
      'crash g 1',
      'exit g/a 0 stopped',
      'exit g 1 failed fatal',
      'shutdown (failure)',
      'stopping g/b 1 (failure)',
      'exit g/b 1 stopped',
      'down',
    ]);
    const [failure] = (await reportOf(world)).failures;
    expect(failure?.error).toBeInstanceOf(DuplicateNameError);
  });

  it('should begin with members whose payload ends the group at once (PITFALLS C10)', () => {
    virtually(flavourCase, (world) => {
      const { runner, events } = world;
      const payload = jest.fn(() => NEVER);
      adoptGroup(world, [
        {
          name: 'a',
          payload: () => {
            void runner.stop('g');
            return NEVER;
          },
        },
        { name: 'b', payload },
        { name: 'c', payload, after: ['a'] },
      ]);
      world.run();
      world.flush();
      expect(payload).not.toHaveBeenCalled();
      expect(told(events).slice(2)).toEqual([
        'start g/a 1',
        'stopping g 1 (stop)',
        'exit g/c 0 stopped',
        'exit g/b 0 stopped',
        'stopping g/a 1 (parent)',
        'exit g/a 1 stopped',
        'exit g 1 stopped',
      ]);
    });
  });

  it('should be harmed by no observer that throws (PITFALLS D11)', async () => {
    const errors = await surfacing(() =>
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        runner.events$.subscribe((event) => {
          if ('task' in event && event.task === 'g/a') throw new Error(tell(event));
        });
        adoptGroup(world, [
          { name: 'a', payload: completes(5) },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.at(10, () => void runner.stop('g'));
        world.flush();
        expect(told(events).slice(-4)).toEqual([
          'stopping g 1 (stop)',
          'stopping g/b 1 (parent)',
          'exit g/b 1 stopped',
          'exit g 1 stopped',
        ]);
      }),
    );
    expect(errors).toEqual([new Error('start g/a 1'), new Error('exit g/a 1 completed')]);
  });

  it('should run a member by hand again without its siblings', () => {
    virtually(flavourCase, (world) => {
      const { runner, events, at } = world;
      adoptGroup(world, [
        { name: 'a', payload: NEVER },
        { name: 'b', payload: NEVER },
      ]);
      world.run();
      at(5, () => {
        runner.restart('g/a');
      });
      world.flush();
      expect(toldAt(events).slice(4)).toEqual([
        '5 stopping g/a 1 (restart)',
        '5 restart g/a 1 in 0 (manual)',
        '5 start g/a 2',
      ]);
    });
  });

  it('should run again as a whole by hand, stopped in reverse and started in order', () => {
    virtually(flavourCase, (world) => {
      const { runner, events, at } = world;
      adoptGroup(world, [
        { name: 'a', payload: tearsDown(10) },
        { name: 'b', payload: NEVER },
      ]);
      world.run();
      at(5, () => {
        runner.restart('g');
      });
      world.flush();
      expect(toldAt(events).slice(4)).toEqual([
        '5 stopping g 1 (restart)',
        '5 stopping g/b 1 (parent)',
        '5 exit g/b 1 stopped',
        '5 stopping g/a 1 (parent)',
        '15 exit g/a 1 stopped',
        '15 restart g 1 in 0 (manual)',
        '15 start g 2',
        '15 start g/a 1',
        '15 start g/b 1',
      ]);
    });
  });

  it('should take a member that ends itself from inside for stopped', () => {
    virtually(flavourCase, (world) => {
      const { runner, events } = world;
      const going = new Subject<never>();
      adoptGroup(world, [
        {
          name: 'a',
          payload: ({ name }) => {
            void runner.stop(name);
            return going;
          },
        },
        { name: 'b', payload: completes(5) },
      ]);
      world.run();
      world.flush();
      expect(going.observed).toBe(false);
      expect(told(events).slice(-4)).toEqual([
        'exit g/a 1 stopped',
        'start g/b 1',
        'exit g/b 1 completed',
        'exit g 1 completed',
      ]);
    });
  });
});

/** The events of a task and of those below it. */
const ofTasksOf = (events: Parameters<typeof ofTask>[0], path: string): TaskEvent[] =>
  events.filter(
    (event): event is TaskEvent =>
      'task' in event && (event.task === path || event.task.startsWith(`${path}/`)),
  );
