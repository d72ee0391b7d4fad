import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, Observable, Subject, throwError } from 'rxjs';
import { DependencyError, RestartLimitError, StopRestarting } from '../../src/errors.js';
import { group } from '../../src/group/group.js';
import type { Strategy } from '../../src/group/plan.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { Runner } from '../../src/runner/runner.js';
import type { TaskContext } from '../../src/task/shapes.js';
import {
  VIRTUAL_FLAVOURS,
  type World,
  later,
  ofTask,
  only,
  told,
  toldAt,
  virtually,
} from '../runner/support.js';
import {
  BOOM,
  adoptGroup,
  completes,
  crashes,
  hangs,
  inTurn,
  onFlavour,
  readies,
  reportOf,
  tearsDown,
} from './support.js';

describe.each(VIRTUAL_FLAVOURS)('the strategy of a group, on $name', (flavourCase) => {
  const once = { backoff: () => 10 };

  describe('who restarts', () => {
    // I36
    it.each<[Strategy, string, readonly string[]]>([
      ['one-for-one', 'a', ['a']],
      ['one-for-one', 'b', ['b']],
      ['one-for-one', 'd', ['d']],
      ['one-for-all', 'a', ['a', 'b', 'c', 'd']],
      ['one-for-all', 'b', ['a', 'b', 'c', 'd']],
      ['one-for-all', 'd', ['a', 'b', 'c', 'd']],
      ['rest-for-one', 'a', ['a', 'b', 'c', 'd']],
      ['rest-for-one', 'b', ['b', 'c', 'd']],
      ['rest-for-one', 'd', ['d']],
    ])('should be with %s, when %s crashes, %j', (strategy, who, restarted) => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        const payload = (name: string) => (name === who ? inTurn(crashes(5), NEVER) : NEVER);
        adoptGroup(
          world,
          ['a', 'b', 'c', 'd'].map((name) => ({ name, payload: payload(name), ...once })),
          { strategy },
        );
        world.run();
        world.flush();
        const others = restarted.filter((name) => name !== who);
        expect(toldAt(events).slice(6)).toEqual([
          `5 crash g/${who} 1 restarting`,
          ...[...others].reverse().flatMap((name) => [`5 stopping g/${name} 1 (restart)`]),
          ...[`5 restart g/${who} 1 in 10 (crash)`],
          ...[...others].reverse().map((name) => `5 restart g/${name} 1 in 10 (sibling)`),
          ...restarted.map((name) => `15 start g/${name} 2`),
        ]);
      });
    });

    it('should be nobody but the one that is alone in its group', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [{ name: 'a', payload: inTurn(crashes(5), NEVER), ...once }], {
          strategy: 'one-for-all',
        });
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(3)).toEqual([
          '5 crash g/a 1 restarting',
          '5 restart g/a 1 in 10 (crash)',
          '15 start g/a 2',
        ]);
      });
    });

    it.each<[string, Observable<never>]>([
      ['has completed', completes(2)],
      ['has failed for good', crashes(2, new StopRestarting())],
      ['was stopped', NEVER],
    ])('should not be one that %s', (how, payload) => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'a', payload },
            { name: 'b', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        if (how === 'was stopped') at(2, () => void runner.stop('g/a'));
        world.flush();
        expect(toldAt(events.filter((event) => event.at >= 5))).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/b 1 (restart)',
          '5 restart g/x 1 in 10 (crash)',
          '5 restart g/b 1 in 10 (sibling)',
          '15 start g/x 2',
          '15 start g/b 2',
        ]);
      });
    });

    it('should be after a final failure nobody: that is no restart', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'a', payload: crashes(5), restart: 'never' },
            { name: 'b', payload: completes(20) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(4)).toEqual([
          '5 crash g/a 1',
          '5 exit g/a 1 failed',
          '20 exit g/b 1 completed',
          '20 exit g 1 completed',
        ]);
      });
    });

    it("should be all after a completion under 'always' too", () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'a', payload: NEVER },
            { name: 'b', payload: inTurn(completes(5), NEVER), restart: 'always', ...once },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(4)).toEqual([
          '5 stopping g/a 1 (restart)',
          '5 restart g/b 1 in 10 (complete)',
          '5 restart g/a 1 in 10 (sibling)',
          '15 start g/a 2',
          '15 start g/b 2',
        ]);
      });
    });

    it("should never be one that is 'never' restarted: it stops with them (as OTP's temporary)", () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'a', payload: NEVER },
            { name: 'b', payload: tearsDown(10), restart: 'never' },
            { name: 'c', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(6)).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/c 1 (restart)',
          '5 stopping g/b 1 (restart)',
          '15 exit g/b 1 stopped',
          '15 stopping g/a 1 (restart)',
          '15 restart g/x 1 in 10 (crash)',
          '15 restart g/c 1 in 10 (sibling)',
          '15 restart g/a 1 in 10 (sibling)',
          '25 start g/x 2',
          '25 start g/a 2',
          '25 start g/c 2',
        ]);
      });
    });

    it.each<Strategy>(['one-for-all', 'rest-for-one'])(
      'should be one alone when it restarts by hand (%s)',
      (strategy) => {
        virtually(flavourCase, (world) => {
          const { runner, events, at } = world;
          adoptGroup(
            world,
            [
              { name: 'a', payload: NEVER },
              { name: 'b', payload: NEVER },
            ],
            { strategy },
          );
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
      },
    );
  });

  describe('in what order', () => {
    it('should stop in reverse of the real start order, one at a time, then wait, then start in list order', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'late', payload: tearsDown(10), after: ['up'] },
            { name: 'up', payload: readies(1), awaitReady: true },
            { name: 'x', payload: inTurn(tearsDown(4, crashes(5)), NEVER), ...once },
            { name: 'slow', payload: tearsDown(20) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(7)).toEqual([
          '5 crash g/x 1 restarting',
          '9 stopping g/late 1 (restart)',
          '19 stopping g/slow 1 (restart)',
          '39 stopping g/up 1 (restart)',
          '39 restart g/x 1 in 10 (crash)',
          '39 restart g/late 1 in 10 (sibling)',
          '39 restart g/slow 1 in 10 (sibling)',
          '39 restart g/up 1 in 10 (sibling)',
          '49 start g/up 2',
          '49 start g/x 2',
          '49 start g/slow 2',
          '50 ready g/up 2',
          '50 start g/late 2',
        ]);
      });
    });

    it('should wait for those that a member starts after, as at the first start', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'c', payload: NEVER, after: ['a', 'b'] },
            { name: 'a', payload: readies(3, NEVER), awaitReady: true },
            {
              name: 'b',
              payload: inTurn(readies(5, crashes(20)), readies(7)),
              awaitReady: true,
              ...once,
            },
          ],
          { strategy: 'rest-for-one' },
        );
        world.run();
        world.flush();
        // c is listed before b: it isn't taken along, and a neither.
        expect(toldAt(world.events).slice(7)).toEqual([
          '20 crash g/b 1 restarting',
          '20 restart g/b 1 in 10 (crash)',
          '30 start g/b 2',
          '37 ready g/b 2',
        ]);
      });
    });

    it('should wait for ready again with one-for-all', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'd', payload: NEVER, after: ['c'] },
            { name: 'c', payload: NEVER, after: ['a', 'b'] },
            { name: 'a', payload: readies(3), awaitReady: true },
            {
              name: 'b',
              payload: inTurn(readies(5, crashes(20)), readies(7)),
              awaitReady: true,
              ...once,
            },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events.filter(({ at }) => at > 20))).toEqual([
          '30 start g/a 2',
          '30 start g/b 2',
          '33 ready g/a 2',
          '37 ready g/b 2',
          '37 start g/c 2',
          '37 start g/d 2',
        ]);
      });
    });

    it('should count one for ready that has completed and does not restart with them', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'init', payload: completes(1), awaitReady: true },
            { name: 'x', payload: inTurn(crashes(5), NEVER), after: ['init'], ...once },
            { name: 'a', payload: NEVER, after: ['init', 'x'] },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(-2)).toEqual(['16 start g/x 2', '16 start g/a 2']);
      });
    });

    it('should fail a member with a DependencyError when one before it fails for good at its second start', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        const x = inTurn(readies(1, crashes(5)), crashes(3));
        adoptGroup(
          world,
          [
            { name: 'x', payload: x, awaitReady: true, maxRestarts: 1, ...once },
            { name: 'a', payload: NEVER, after: ['x'] },
            { name: 'b', payload: NEVER, after: ['a'] },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(events.filter(({ at }) => at >= 15))).toEqual([
          '15 start g/x 2',
          '18 crash g/x 2',
          '18 exit g/x 2 failed',
          '18 exit g/a 1 failed',
          '18 exit g/b 1 failed',
          '18 exit g 1 completed',
        ]);
        expect(only(events, 'exit', 'g/a').error).toBeInstanceOf(DependencyError);
        expect(only(events, 'exit', 'g/a').error).toMatchObject({
          dependency: 'x',
          cause: only(events, 'exit', 'g/x').error,
        });
      });
    });

    it('should take thousands of members along', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        const many = Array.from({ length: 2_000 }, (_, i) => ({ name: `${i}`, payload: NEVER }));
        const x = { name: 'x', payload: inTurn(crashes(5), NEVER), ...once };
        adoptGroup(world, [x, ...many], { strategy: 'one-for-all' });
        world.run();
        world.flush();
        const tasks = (type: string, time: number) =>
          events.flatMap((event) =>
            event.type === type && event.at === time && 'task' in event ? [event.task] : [],
          );
        const paths = many.map(({ name }) => `g/${name}`);
        expect(tasks('stopping', 5)).toEqual([...paths].reverse());
        expect(tasks('start', 15)).toEqual(['g/x', ...paths]);
      });
    }, 20_000);
  });

  describe('and what each is charged', () => {
    it('should be the budget and the backoff of the one that crashed, and of nobody else', () => {
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        const backoffs = { x: jest.fn((n: number) => n * 10), a: jest.fn((n: number) => n * 100) };
        adoptGroup(
          world,
          [
            {
              name: 'x',
              payload: inTurn(crashes(5), crashes(5), crashes(5), NEVER),
              backoff: backoffs.x,
              maxRestarts: 3,
            },
            {
              name: 'a',
              payload: inTurn(NEVER, NEVER, NEVER, crashes(5), NEVER),
              backoff: backoffs.a,
              maxRestarts: 1,
            },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(backoffs.x.mock.calls).toEqual([[1], [2], [3]]);
        expect(backoffs.a.mock.calls).toEqual([[1]]);
        expect(toldAt(events.filter(({ type }) => type === 'restart'))).toEqual([
          '5 restart g/x 1 in 10 (crash)',
          '5 restart g/a 1 in 10 (sibling)',
          '20 restart g/x 2 in 20 (crash)',
          '20 restart g/a 2 in 20 (sibling)',
          '45 restart g/x 3 in 30 (crash)',
          '45 restart g/a 3 in 30 (sibling)',
          '80 restart g/a 4 in 100 (crash)',
          '80 restart g/x 4 in 100 (sibling)',
        ]);
        expect(toldAt(events).slice(-2)).toEqual(['180 start g/x 5', '180 start g/a 5']);
        expect(runner.tasks().map(({ name, restarts }) => [name, restarts])).toEqual([
          ['g', 0],
          ['g/x', 4],
          ['g/a', 4],
        ]);
      });
    });

    it('should leave the siblings as they are when the budget of one is spent', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: crashes(5), maxRestarts: 1, ...once },
            { name: 'a', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(events.filter(({ at }) => at >= 15))).toEqual([
          '15 start g/x 2',
          '15 start g/a 2',
          '20 crash g/x 2',
          '20 exit g/x 2 failed',
        ]);
        expect(only(events, 'exit').error).toBeInstanceOf(RestartLimitError);
      });
    });
  });

  describe('when siblings have troubles of their own', () => {
    it('should take a sibling in backoff along without telling a second restart', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        // With rest-for-one: b crashes alone, then a takes it along.
        adoptGroup(
          world,
          [
            { name: 'a', payload: inTurn(crashes(7), NEVER), ...once },
            { name: 'b', payload: inTurn(crashes(5), NEVER), backoff: () => 1_000 },
          ],
          { strategy: 'rest-for-one' },
        );
        world.run();
        const infos: unknown[] = [];
        at(8, () => {
          infos.push(...runner.tasks().map(({ name, state }) => [name, state]));
        });
        world.flush();
        expect(infos).toEqual([
          ['g', 'running'],
          ['g/a', 'backoff'],
          ['g/b', 'backoff'],
        ]);
        expect(toldAt(events).slice(4)).toEqual([
          '5 crash g/b 1 restarting',
          '5 restart g/b 1 in 1000 (crash)',
          '7 crash g/a 1 restarting',
          '7 restart g/a 1 in 10 (crash)',
          '17 start g/a 2',
          '17 start g/b 2',
        ]);
      });
    });

    it('should not start a sibling in backoff before the one that takes it along', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'a', payload: inTurn(crashes(7), NEVER), backoff: () => 1_000 },
            { name: 'b', payload: inTurn(crashes(5), NEVER), ...once },
          ],
          { strategy: 'rest-for-one' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(-2)).toEqual(['1007 start g/a 2', '1007 start g/b 2']);
      });
    });

    it('should join in when a second one crashes while the siblings stop: one restart for all', () => {
      virtually(flavourCase, (world) => {
        const { runner } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'y', payload: inTurn(crashes(7), NEVER), backoff: () => 1_000, maxRestarts: 1 },
            { name: 'z', payload: tearsDown(20) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(5)).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/z 1 (restart)',
          '7 crash g/y 1 restarting',
          '25 restart g/x 1 in 10 (crash)',
          '25 restart g/y 1 in 10 (crash)',
          '25 restart g/z 1 in 10 (sibling)',
          '35 start g/x 2',
          '35 start g/y 2',
          '35 start g/z 2',
        ]);
        expect(runner.tasks().map(({ restarts }) => restarts)).toEqual([0, 1, 1, 1]);
      });
    });

    it('should join in when the one being taken along had crashed already and was tearing down', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(7), NEVER), ...once },
            { name: 'y', payload: inTurn(tearsDown(10, crashes(5)), NEVER), backoff: () => 1_000 },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(4)).toEqual([
          '5 crash g/y 1 restarting',
          '7 crash g/x 1 restarting',
          '15 restart g/x 1 in 10 (crash)',
          '15 restart g/y 1 in 10 (crash)',
          '25 start g/x 2',
          '25 start g/y 2',
        ]);
      });
    });

    it('should take the delay of the one whose attempt was over first when two crash', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(tearsDown(20, crashes(7)), NEVER), ...once },
            { name: 'y', payload: inTurn(tearsDown(10, crashes(5)), NEVER), backoff: () => 50 },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(4)).toEqual([
          '5 crash g/y 1 restarting',
          '7 crash g/x 1 restarting',
          '27 restart g/y 1 in 50 (crash)',
          '27 restart g/x 1 in 50 (crash)',
          '77 start g/x 2',
          '77 start g/y 2',
        ]);
      });
    });

    it('should join in when one further up crashes while the siblings stop', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'a', payload: inTurn(crashes(7), NEVER), backoff: () => 1_000 },
            { name: 'b', payload: NEVER },
            { name: 'c', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'd', payload: tearsDown(20) },
          ],
          { strategy: 'rest-for-one' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(6)).toEqual([
          '5 crash g/c 1 restarting',
          '5 stopping g/d 1 (restart)',
          '7 crash g/a 1 restarting',
          '25 stopping g/b 1 (restart)',
          '25 restart g/c 1 in 10 (crash)',
          '25 restart g/a 1 in 10 (crash)',
          '25 restart g/d 1 in 10 (sibling)',
          '25 restart g/b 1 in 10 (sibling)',
          '35 start g/a 2',
          '35 start g/b 2',
          '35 start g/c 2',
          '35 start g/d 2',
        ]);
      });
    });

    it('should take back a sibling whose turn was about to come: it starts with the others', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            {
              name: 'x',
              payload: inTurn(
                throwError(() => BOOM),
                NEVER,
              ),
              ...once,
            },
            { name: 'a', payload: NEVER, after: ['x'] },
            { name: 'b', payload: NEVER, after: ['a'], restart: 'never' },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        const states: unknown[] = [];
        at(5, () => {
          states.push(...runner.tasks().map(({ state, attempt }) => [state, attempt]));
        });
        world.flush();
        expect(states).toEqual([
          ['running', 1],
          ['backoff', 1],
          ['waiting', 0],
          ['waiting', 0],
        ]);
        expect(toldAt(events).slice(2)).toEqual([
          '0 start g/x 1',
          '0 crash g/x 1 restarting',
          '0 restart g/x 1 in 10 (crash)',
          '10 start g/x 2',
          '10 start g/a 1',
          '10 start g/b 1',
        ]);
      });
    });

    it('should begin again when one further up crashes in the delay', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'a', payload: inTurn(crashes(7), NEVER), backoff: () => 20 },
            { name: 'b', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'c', payload: NEVER },
          ],
          { strategy: 'rest-for-one' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(5)).toEqual([
          '5 crash g/b 1 restarting',
          '5 stopping g/c 1 (restart)',
          '5 restart g/b 1 in 10 (crash)',
          '5 restart g/c 1 in 10 (sibling)',
          '7 crash g/a 1 restarting',
          '7 restart g/a 1 in 20 (crash)',
          '27 start g/a 2',
          '27 start g/b 2',
          '27 start g/c 2',
        ]);
      });
    });

    it('should begin again when one of them crashes at once at its second start', () => {
      virtually(flavourCase, (world) => {
        const x = inTurn(
          crashes(5),
          throwError(() => BOOM),
          NEVER,
        );
        adoptGroup(
          world,
          [
            { name: 'x', payload: x, ...once },
            { name: 'a', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(-6)).toEqual([
          '5 restart g/a 1 in 10 (sibling)',
          '15 start g/x 2',
          '15 crash g/x 2 restarting',
          '15 restart g/x 2 in 10 (crash)',
          '25 start g/x 3',
          '25 start g/a 2',
        ]);
      });
    });

    it.each<[string, (context: TaskContext) => unknown, readonly string[]]>([
      ['completes as it would have', tearsDown(10, completes(5)), ['16 exit g/b 1 completed']],
      [
        'fails for good as it would have',
        ({ onTeardown }) => {
          onTeardown(() => later(10));
          return crashes(5, new StopRestarting());
        },
        ['16 exit g/b 1 failed'],
      ],
    ])('should go on without a sibling that %s while it is taken along', (_, payload, end) => {
      virtually(flavourCase, (world) => {
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(8), NEVER), ...once },
            { name: 'a', payload: NEVER },
            { name: 'b', payload: (context) => shift(1, payload(context) as Observable<never>) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(world.events.filter(({ at }) => at >= 8))).toEqual([
          '8 crash g/x 1 restarting',
          ...end,
          '16 stopping g/a 1 (restart)',
          '16 restart g/x 1 in 10 (crash)',
          '16 restart g/a 1 in 10 (sibling)',
          '26 start g/x 2',
          '26 start g/a 2',
        ]);
      });
    });

    it('should restart a sibling that fails while it is taken along, and keep its error', async () => {
      const other = new Error('other');
      const world = virtually(flavourCase, (given) => {
        const { runner, at } = given;
        adoptGroup(
          given,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'a', payload: inTurn(failsWhenAsked(other), NEVER), maxRestarts: 0 },
          ],
          { strategy: 'one-for-all' },
        );
        given.run();
        at(50, () => void runner.shutdown());
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(4, 11)).toEqual([
        '5 crash g/x 1 restarting',
        '5 stopping g/a 1 (restart)',
        '5 crash g/a 1 restarting',
        '5 restart g/x 1 in 10 (crash)',
        '5 restart g/a 1 in 10 (sibling)',
        '15 start g/x 2',
        '15 start g/a 2',
      ]);
      expect((await reportOf(world)).failures).toEqual([{ task: 'g/a', error: other }]);
    });

    it.each([
      ['an insignificant', false],
      ['a significant', true],
    ])('should not restart %s sibling that is overdue when taken along', (_, significant) => {
      virtually(
        flavourCase,
        (world) => {
          const { events } = world;
          adoptGroup(
            world,
            [
              { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
              { name: 'a', payload: NEVER },
              { name: 'b', payload: hangs, significant },
            ],
            { strategy: 'one-for-all' },
          );
          world.run();
          world.flush();
          const end = significant
            ? [
                '55 exit g/x 1 stopped',
                '55 stopping g/a 1 (failure)',
                '55 exit g/a 1 stopped',
                '55 crash g 1',
                '55 exit g 1 failed fatal',
                '55 shutdown (failure)',
                '55 down',
              ]
            : [
                '55 stopping g/a 1 (restart)',
                '55 restart g/x 1 in 10 (crash)',
                '55 restart g/a 1 in 10 (sibling)',
                '65 start g/x 2',
                '65 start g/a 2',
              ];
          expect(toldAt(events).slice(5)).toEqual([
            '5 crash g/x 1 restarting',
            '5 stopping g/b 1 (restart)',
            '55 overdue g/b 1 after 50',
            '55 exit g/b 1 failed',
            ...end,
          ]);
          expect(only(events, 'exit', 'g/b').error).toMatchObject({ code: 'ERR_RXVISOR_OVERDUE' });
        },
        { grace: 50 },
      );
    });

    it('should leave them alone when the one that crashed is overdue itself', () => {
      virtually(
        flavourCase,
        (world) => {
          adoptGroup(
            world,
            [
              { name: 'x', payload: (context) => shift(5, hangs(context), BOOM) },
              { name: 'a', payload: NEVER },
            ],
            { strategy: 'one-for-all' },
          );
          world.run();
          world.flush();
          expect(toldAt(world.events).slice(4)).toEqual([
            '5 crash g/x 1 restarting',
            '55 overdue g/x 1 after 50',
            '55 exit g/x 1 failed',
          ]);
        },
        { grace: 50 },
      );
    });

    it('should keep a restart by hand of a sibling that is taken along: one restart', () => {
      virtually(flavourCase, (world) => {
        const { runner, at } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(7), NEVER), ...once },
            { name: 'a', payload: tearsDown(10) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        at(5, () => {
          runner.restart('g/a');
        });
        at(9, () => {
          runner.restart('g/x');
          runner.restart('g/a');
        });
        world.flush();
        expect(toldAt(world.events).slice(4)).toEqual([
          '5 stopping g/a 1 (restart)',
          '7 crash g/x 1 restarting',
          '15 restart g/x 1 in 10 (crash)',
          '15 restart g/a 1 in 10 (manual)',
          '25 start g/x 2',
          '25 start g/a 2',
        ]);
      });
    });

    it.each(['g/x', 'g/a'])('should begin %s at once by hand in the delay, told once', (name) => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        const backoff = () => 1_000;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), backoff, maxRestarts: 1 },
            { name: 'a', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        at(20, () => {
          runner.restart(name);
        });
        world.flush();
        expect(toldAt(ofTask(events, name)).at(-1)).toBe(`20 start ${name} 2`);
        expect(events.filter(({ type }) => type === 'restart')).toHaveLength(2);
        expect(events.filter(({ type }) => type === 'start')).toHaveLength(5);
      });
    });
  });

  describe('when it is stopped', () => {
    it('should start nobody when the group is stopped while siblings are taken along', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'a', payload: tearsDown(7) },
            { name: 'b', payload: tearsDown(20) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        at(10, () => void runner.stop('g'));
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/b 1 (restart)',
          '10 stopping g 1 (stop)',
          '10 exit g/x 1 stopped',
          '25 exit g/b 1 stopped',
          '25 stopping g/a 1 (parent)',
          '32 exit g/a 1 stopped',
          '32 exit g 1 stopped',
        ]);
      });
    });

    it('should start nobody when one that is taken along ends before its turn to stop has come', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        // `z` starts last and is listed first: with rest-for-one it isn't taken along.
        adoptGroup(
          world,
          [
            { name: 'z', payload: tearsDown(100), after: ['c'] },
            { name: 'b', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'c', payload: tearsDown(20) },
          ],
          { strategy: 'rest-for-one' },
        );
        world.run();
        at(10, () => void runner.shutdown());
        world.flush();
        expect(order(events, 'start')).toEqual(['g', 'g/b', 'g/c', 'g/z']);
        expect(events.filter(({ type }) => type === 'restart')).toEqual([]);
        expect(toldAt(events).slice(-3)).toEqual([
          '110 exit g/z 1 stopped',
          '110 exit g 1 stopped',
          '110 down',
        ]);
      });
    });

    it.each(['stop', 'shutdown'] as const)('should end at once in the delay, by %s', (how) => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), backoff: () => 1_000 },
            { name: 'a', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        at(10, () => void (how === 'stop' ? runner.stop('g') : runner.shutdown()));
        world.flush();
        expect(toldAt(events.filter((event) => event.at >= 10 && 'task' in event))).toEqual([
          `10 stopping g 1 (${how})`,
          '10 exit g/a 1 stopped',
          '10 exit g/x 1 stopped',
          '10 exit g 1 stopped',
        ]);
      });
    });

    it('should restart the others when the one that crashed is stopped by hand meanwhile', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'a', payload: NEVER },
            { name: 'b', payload: tearsDown(10) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        at(8, () => void runner.stop('g/x'));
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/b 1 (restart)',
          '8 exit g/x 1 stopped',
          '15 stopping g/a 1 (restart)',
          '15 restart g/b 1 in 10 (sibling)',
          '15 restart g/a 1 in 10 (sibling)',
          '25 start g/a 2',
          '25 start g/b 2',
        ]);
      });
    });

    it('should leave out a sibling that is stopped by hand before its turn, in it, or in the delay', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'a', payload: NEVER },
            { name: 'b', payload: NEVER },
            { name: 'c', payload: tearsDown(10) },
            { name: 'd', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        at(8, () => void runner.stop('g/a'));
        at(9, () => void runner.stop('g/c'));
        at(20, () => void runner.stop('g/d'));
        world.flush();
        expect(toldAt(events).slice(7)).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/d 1 (restart)',
          '5 stopping g/c 1 (restart)',
          '8 stopping g/a 1 (stop)',
          '8 exit g/a 1 stopped',
          '15 exit g/c 1 stopped',
          '15 stopping g/b 1 (restart)',
          '15 restart g/x 1 in 10 (crash)',
          '15 restart g/d 1 in 10 (sibling)',
          '15 restart g/b 1 in 10 (sibling)',
          '20 exit g/d 1 stopped',
          '25 start g/x 2',
          '25 start g/b 2',
        ]);
      });
    });

    it.each<[string, (world: World) => void]>([
      ['restarts a sibling by hand', ({ runner }) => runner.restart('g/b')],
      ['stops one more', ({ runner }) => void runner.stop('g/c')],
    ])('should leave one out for good of whose exit an observer is told that %s', (_how, act) => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(
          world,
          [
            { name: 'a', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'b', payload: NEVER },
            { name: 'c', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        runner.events$.subscribe((event) => {
          if (event.type === 'exit' && event.task === 'g/a') act(world);
        });
        world.run();
        at(8, () => void runner.stop('g/a'));
        world.flush();
        expect(told(ofTask(events, 'g/a')).slice(2)).toEqual([
          'restart g/a 1 in 10 (crash)',
          'exit g/a 1 stopped',
        ]);
        expect(told(ofTask(events, 'g/b')).at(-1)).toBe('start g/b 2');
        expect(runner.tasks().map(({ name }) => name)).not.toContain('g/a');
      });
    });

    it('should leave one out for good at whose exit the last sibling to stop ends', async () => {
      await virtually(flavourCase, async (world) => {
        const { runner, events, at } = world;
        const ending = new Subject<never>();
        const patient = ({ signal }: TaskContext) => (signal.aborted ? NEVER : ending);
        adoptGroup(
          world,
          [
            { name: 'a', payload: patient, restart: 'never' },
            { name: 'b', payload: crashes(5), ...once },
          ],
          { strategy: 'one-for-all' },
        );
        runner.events$.subscribe((event) => {
          if (event.type === 'exit' && event.task === 'g/b') ending.complete();
        });
        world.run({ until: 'idle' });
        at(8, () => void runner.stop('g/b'));
        world.flush();
        expect(toldAt(events).slice(4)).toEqual([
          '5 crash g/b 1 restarting',
          '5 stopping g/a 1 (restart)',
          '8 exit g/b 1 stopped',
          '8 exit g/a 1 stopped',
          '8 exit g 1 completed',
          '8 shutdown (idle)',
          '8 down',
        ]);
        expect((await reportOf(world)).counts).toEqual({ completed: 1, stopped: 2, failed: 0 });
      });
    });

    it('should be stopped by an observer that is told of the restarts', () => {
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: crashes(5), ...once },
            { name: 'a', payload: NEVER },
            { name: 'b', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        );
        runner.events$.subscribe((event) => {
          if (event.type === 'restart') void runner.stop('g');
        });
        world.run();
        world.flush();
        expect(order(events, 'start')).toEqual(['g', 'g/x', 'g/a', 'g/b']);
        expect(told(events).at(-1)).toBe('exit g 1 stopped');
        expect(runner.tasks()).toEqual([]);
      });
    });

    it('should stop for good when a significant one fails while others are taken along', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        adoptGroup(
          world,
          [
            { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
            { name: 'y', payload: crashes(7), restart: 'never', significant: true },
            { name: 'z', payload: tearsDown(20) },
          ],
          { strategy: 'one-for-all' },
        );
        world.run();
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 crash g/x 1 restarting',
          '5 stopping g/z 1 (restart)',
          '7 crash g/y 1',
          '7 exit g/y 1 failed',
          '7 exit g/x 1 stopped',
          '25 exit g/z 1 stopped',
          '25 crash g 1',
          '25 exit g 1 failed fatal',
          '25 shutdown (failure)',
          '25 down',
        ]);
        expect(only(events, 'exit', 'g').error).toBe(BOOM);
      });
    });
  });

  it('should restart a group within as one member of the outer strategy', () => {
    virtually(flavourCase, (world) => {
      const { flavour, events } = world;
      const inner = group(
        onFlavour(flavour, [
          { name: 'p', payload: NEVER },
          { name: 'q', payload: tearsDown(10) },
        ]),
      );
      adoptGroup(
        world,
        [
          { name: 'x', payload: inTurn(crashes(5), NEVER), ...once },
          { name: 'in', payload: inner },
        ],
        { strategy: 'rest-for-one' },
      );
      world.run();
      world.flush();
      expect(toldAt(events).slice(6)).toEqual([
        '5 crash g/x 1 restarting',
        '5 stopping g/in 1 (restart)',
        '5 stopping g/in/q 1 (parent)',
        '15 exit g/in/q 1 stopped',
        '15 stopping g/in/p 1 (parent)',
        '15 exit g/in/p 1 stopped',
        '15 restart g/x 1 in 10 (crash)',
        '15 restart g/in 1 in 10 (sibling)',
        '25 start g/x 2',
        '25 start g/in 2',
        '25 start g/in/p 1',
        '25 start g/in/q 1',
      ]);
    });
  });
});

describe('a joint restart', () => {
  it('should leave no timer behind when all that it holds are stopped', async () => {
    jest.useFakeTimers();
    try {
      const runner = new Runner();
      const backoff = () => 30_000;
      runner.adopt(
        group(
          [
            { name: 'x', payload: crashes(5), backoff },
            { name: 'a', payload: NEVER },
          ],
          { strategy: 'one-for-all' },
        ),
        { name: 'g' },
      );
      const running = runner.run({ until: 'idle' });
      await jest.advanceTimersByTimeAsync(20);
      expect(runner.tasks().map(({ state }) => state)).toEqual(['running', 'backoff', 'backoff']);
      expect(jest.getTimerCount()).toBeGreaterThan(0);
      void runner.stop('g/x');
      void runner.stop('g/a');
      await expect(running).resolves.toMatchObject({ reason: { type: 'idle' } });
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('should leave no timer behind when all that it holds are stopped, though others live', async () => {
    jest.useFakeTimers();
    try {
      const runner = new Runner();
      const crash = new Subject<never>();
      const payload = inTurn(crash, NEVER);
      runner.adopt(
        group(
          [
            { name: 'lives', payload: NEVER },
            { name: 'x', payload, backoff: () => 30_000 },
            { name: 'a', payload: NEVER },
          ],
          { strategy: 'rest-for-one' },
        ),
        { name: 'g' },
      );
      const running = runner.run();
      await jest.advanceTimersByTimeAsync(1);
      const before = jest.getTimerCount();
      crash.error(BOOM);
      expect(jest.getTimerCount()).toBe(before + 1);
      void runner.stop('g/a');
      void runner.stop('g/x');
      expect(jest.getTimerCount()).toBe(before);
      expect(runner.tasks().map(({ name }) => name)).toEqual(['g', 'g/lives']);
      void runner.shutdown();
      await running;
    } finally {
      jest.useRealTimers();
    }
  });

  it('should leave no timer behind in a group within that is ended by force', async () => {
    jest.useFakeTimers();
    try {
      const runner = new Runner({ shutdownTimeout: 100, grace: Infinity });
      const inner = group(
        [
          { name: 'x', payload: crashes(5), backoff: () => 30_000 },
          { name: 'a', payload: NEVER },
        ],
        { strategy: 'one-for-all' },
      );
      runner.adopt(
        group([
          { name: 'in', payload: inner },
          { name: 'last', payload: hangs },
        ]),
        { name: 'g' },
      );
      const running = runner.run().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(20);
      void runner.shutdown();
      await jest.advanceTimersByTimeAsync(100);
      expect(await running).toMatchObject({ code: 'ERR_RXVISOR_RUNNER_FAILED' });
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

/** Waits, then goes on as the source would, or with an error. */
const shift = (delay: number, source$: Observable<never>, ...errors: [error?: unknown]) =>
  new Observable<never>((subscriber) =>
    (errors.length === 0 ? completes(delay) : crashes(delay, errors[0])).subscribe({
      error: (error: unknown) => {
        subscriber.error(error);
      },
      complete: () => {
        subscriber.add(source$.subscribe(subscriber));
      },
    }),
  );

/** Fails by itself when its signal aborts. */
const failsWhenAsked =
  (error: unknown) =>
  ({ signal }: TaskContext): Observable<never> =>
    new Observable((subscriber) => {
      signal.addEventListener('abort', () => {
        subscriber.error(error);
      });
    });

/** The tasks of which something was told, in that order. */
const order = (events: readonly LifecycleEvent[], type: LifecycleEvent['type']): string[] =>
  events.flatMap((event) => (event.type === type && 'task' in event ? [event.task] : []));
