import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, Observable, type Subscriber } from 'rxjs';
import { OverdueError, RunnerFailedError } from '../../src/errors.js';
import { group } from '../../src/group/group.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import type { Runner } from '../../src/runner/runner.js';
import type { TaskContext } from '../../src/task/shapes.js';
import {
  VIRTUAL_FLAVOURS,
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

/** Ends by itself, so many ms after its signal has aborted. */
const drains =
  (
    delay: number,
    end: (subscriber: Subscriber<never>) => void = (s) => {
      s.complete();
    },
  ) =>
  ({ signal }: TaskContext): Observable<never> =>
    new Observable((subscriber) => {
      signal.addEventListener('abort', () => {
        void later(delay, () => {
          end(subscriber);
        }).then(() => undefined);
      });
    });

describe.each(VIRTUAL_FLAVOURS)('stopping a group, on $name', (flavourCase) => {
  describe('one after another', () => {
    it('should go in reverse, each when the one before is over', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER },
          { name: 'b', payload: tearsDown(10) },
          { name: 'c', payload: drains(20) },
          { name: 'd', payload: tearsDown(30) },
        ]);
        world.run();
        at(5, () => void runner.stop('g', 'enough'));
        world.flush();
        expect(toldAt(events).slice(6)).toEqual([
          '5 stopping g 1 (stop)',
          '5 stopping g/d 1 (parent)',
          '35 exit g/d 1 stopped',
          '35 stopping g/c 1 (parent)',
          '55 exit g/c 1 stopped',
          '55 stopping g/b 1 (parent)',
          '65 exit g/b 1 stopped',
          '65 stopping g/a 1 (parent)',
          '65 exit g/a 1 stopped',
          '65 exit g 1 stopped',
        ]);
        const reasons = events.flatMap((event) =>
          event.type === 'stopping' && event.task !== 'g' ? [event.reason] : [],
        );
        expect(reasons).toHaveLength(4);
        expect(new Set(reasons).size).toBe(1);
        expect(reasons[0]).toEqual({ type: 'parent', cause: { type: 'stop', message: 'enough' } });
      });
    });

    it('should go in reverse of the order in which they really started, not of the list', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER, after: ['c'] },
          { name: 'b', payload: NEVER },
          { name: 'c', payload: readies(10), awaitReady: true },
          { name: 'd', payload: NEVER },
        ]);
        world.run();
        at(50, () => void runner.stop('g'));
        world.flush();
        expect(order(events, 'start')).toEqual(['g', 'g/b', 'g/c', 'g/d', 'g/a']);
        expect(order(events, 'stopping')).toEqual(['g', 'g/a', 'g/d', 'g/c', 'g/b']);
      });
    });

    it('should keep to the order of the first starts when members have restarted since', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: inTurn(crashes(5), NEVER), backoff: () => 10 },
          { name: 'b', payload: NEVER },
        ]);
        world.run();
        at(50, () => void runner.stop('g'));
        world.flush();
        expect(order(events, 'stopping')).toEqual(['g', 'g/b', 'g/a']);
      });
    });

    it('should pass over those who have ended, and wait for one who is ending already', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER },
          { name: 'b', payload: completes(1) },
          { name: 'c', payload: tearsDown(20) },
          { name: 'd', payload: crashes(2), restart: 'never' },
        ]);
        world.run();
        at(5, () => void runner.stop('g/c', 'first'));
        at(10, () => void runner.stop('g', 'second'));
        world.flush();
        expect(toldAt(events).slice(9)).toEqual([
          '5 stopping g/c 1 (stop)',
          '10 stopping g 1 (stop)',
          '25 exit g/c 1 stopped',
          '25 stopping g/a 1 (parent)',
          '25 exit g/a 1 stopped',
          '25 exit g 1 stopped',
        ]);
      });
    });

    it('should end those who were never started, without a start (PITFALLS C9)', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          { name: 'a', payload: tearsDown(10, NEVER), awaitReady: true },
          { name: 'b', payload, after: ['a'] },
          { name: 'c', payload, after: ['b'] },
        ]);
        world.run();
        at(5, () => void runner.stop('g'));
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(toldAt(events).slice(3)).toEqual([
          '5 stopping g 1 (stop)',
          '5 exit g/c 0 stopped',
          '5 exit g/b 0 stopped',
          '5 stopping g/a 1 (parent)',
          '15 exit g/a 1 stopped',
          '15 exit g 1 stopped',
        ]);
      });
    });

    it('should start nobody when it comes before their turn', () => {
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          { name: 'a', payload },
          { name: 'b', payload },
        ]);
        runner.events$.subscribe((event) => {
          if (event.type === 'start') void runner.shutdown();
        });
        world.run();
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(told(events)).toEqual([
          'up',
          'start g 1',
          'shutdown (shutdown)',
          'stopping g 1 (shutdown)',
          'exit g 1 stopped',
          'down',
        ]);
      });
    });
  });

  describe('starts nobody any more (PITFALLS C11, C14)', () => {
    it('should end a member in backoff at once, whoever is stopping', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: crashes(5) },
          { name: 'b', payload: tearsDown(100) },
        ]);
        world.run();
        at(990, () => void runner.shutdown());
        world.flush();
        expect(toldAt(ofTask(events, 'g/a'))).toEqual([
          '0 start g/a 1',
          '5 crash g/a 1 restarting',
          '5 restart g/a 1 in 1000 (crash)',
          '990 exit g/a 1 stopped',
        ]);
        expect(toldAt(events).slice(-3)).toEqual([
          '1090 exit g/b 1 stopped',
          '1090 exit g 1 stopped',
          '1090 down',
        ]);
      });
    });

    describe.each<[string, (runner: Runner) => void]>([
      ['its runner shuts down', (runner) => void runner.shutdown()],
      ['it is stopped by hand', (runner) => void runner.stop('g')],
      ['a significant member fails', (runner) => void runner.stop('trigger')],
    ])('when %s', (how, stop) => {
      it.each<[string, Observable<never>, readonly string[]]>([
        ['crashes', crashes(50), ['50 crash g/a 1 restarting']],
        ['completes', completes(50), []],
      ])('should not restart a member that %s while it waits for its turn', (_, payload, more) => {
        virtually(flavourCase, (world) => {
          const { runner, events, flavour, at } = world;
          const x = how.includes('significant') ? crashes(20) : NEVER;
          adoptGroup(
            world,
            [
              { name: 'x', payload: x, restart: 'never', significant: true },
              { name: 'a', payload, restart: 'always', backoff: () => 10 },
              { name: 'b', payload: tearsDown(100) },
            ],
            { errors: 'deliver' },
          ).subscribe({ error: () => undefined });
          runner.adopt(NEVER, { name: 'trigger', flavour });
          world.run();
          at(20, () => {
            stop(runner);
          });
          world.flush();
          const seen = toldAt(ofTask(events, 'g/a'));
          expect(seen.slice(0, -1)).toEqual(['0 start g/a 1', ...more]);
          expect(seen.at(-1)).toMatch(/^(50|120) exit g\/a 1 stopped$/);
          expect(toldAt(ofTask(events, 'g/b')).at(-1)).toBe('120 exit g/b 1 stopped');
        });
      });
    });

    it('should let a member fail for good or complete while it waits for its turn', async () => {
      const world = virtually(flavourCase, (given) => {
        const { runner, at } = given;
        adoptGroup(given, [
          { name: 'a', payload: crashes(50), restart: 'never' },
          { name: 'b', payload: completes(60) },
          { name: 'c', payload: tearsDown(100) },
        ]);
        given.run();
        at(20, () => void runner.shutdown());
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(-6)).toEqual([
        '50 crash g/a 1',
        '50 exit g/a 1 failed',
        '60 exit g/b 1 completed',
        '120 exit g/c 1 stopped',
        '120 exit g 1 stopped',
        '120 down',
      ]);
      expect(await world.ran()).toMatchObject({
        failures: [],
        tolerated: [{ task: 'g/a', error: BOOM }],
      });
    });

    it('should keep the failure of a significant member that fails meanwhile (PITFALLS D2)', async () => {
      const world = virtually(flavourCase, (given) => {
        const { runner, at } = given;
        adoptGroup(
          given,
          [
            { name: 'x', payload: crashes(50), restart: 'never', significant: true },
            { name: 'b', payload: tearsDown(100) },
          ],
          { restart: 'always' },
        );
        given.run();
        at(20, () => void runner.stop('g'));
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(4, 10)).toEqual([
        '20 stopping g 1 (stop)',
        '20 stopping g/b 1 (parent)',
        '50 crash g/x 1',
        '50 exit g/x 1 failed',
        '120 exit g/b 1 stopped',
        '120 exit g 1 stopped',
      ]);
      const { failures, tolerated } = await reportOf(world);
      expect(failures).toEqual([{ task: 'g/x', error: BOOM }]);
      expect(tolerated).toEqual([]);
    });

    it('should not begin one whose dependency is ready, or over, while the group stops', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          { name: 'a', payload: readies(50), awaitReady: true },
          { name: 'b', payload: completes(60), awaitReady: true },
          { name: 'c', payload, after: ['a'] },
          { name: 'd', payload, after: ['b'] },
          { name: 'last', payload: tearsDown(100) },
        ]);
        world.run();
        at(20, () => void runner.stop('g'));
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(order(events, 'exit')).toEqual(['g/d', 'g/c', 'g/b', 'g/last', 'g/a', 'g']);
      });
    });
  });

  describe('when something goes wrong', () => {
    it('should skip nobody because a teardown throws, and gather the errors (PITFALLS C17)', async () => {
      const throwing =
        (what: string) =>
        ({ onTeardown }: TaskContext) => {
          onTeardown(() => {
            throw what;
          });
          onTeardown(() =>
            later(5, () => {
              throw `${what} later`;
            }),
          );
          return NEVER;
        };
      const world = virtually(flavourCase, (given) => {
        const { runner, at } = given;
        adoptGroup(given, [
          { name: 'a', payload: throwing('a') },
          { name: 'b', payload: throwing('b') },
          { name: 'c', payload: throwing('c') },
        ]);
        given.run();
        at(20, () => void runner.shutdown());
        given.flush();
        return given;
      });
      expect(order(world.events, 'exit')).toEqual(['g/c', 'g/b', 'g/a', 'g']);
      expect((await reportOf(world)).failures.map(({ error }) => error)).toEqual([
        'c later',
        'c',
        'b later',
        'b',
        'a later',
        'a',
      ]);
    });

    it('should keep the error of a member that fails when it is asked, and ask the next', async () => {
      const world = virtually(flavourCase, (given) => {
        const { runner, at } = given;
        adoptGroup(given, [
          { name: 'a', payload: NEVER },
          {
            name: 'b',
            payload: drains(10, (subscriber) => {
              subscriber.error(BOOM);
            }),
          },
        ]);
        given.run();
        at(20, () => void runner.shutdown());
        given.flush();
        return given;
      });
      expect(toldAt(world.events).slice(6)).toEqual([
        '20 stopping g/b 1 (parent)',
        '30 crash g/b 1',
        '30 exit g/b 1 stopped',
        '30 stopping g/a 1 (parent)',
        '30 exit g/a 1 stopped',
        '30 exit g 1 stopped',
        '30 down',
      ]);
      const error = (await world.ran()) as RunnerFailedError;
      expect(error).toBeInstanceOf(RunnerFailedError);
      expect(error.failures).toEqual([{ task: 'g/b', error: BOOM }]);
    });

    it('should give each member a grace of its own, and the group none', async () => {
      const world = virtually(
        flavourCase,
        (given) => {
          const { runner, at } = given;
          adoptGroup(
            given,
            [
              { name: 'a', payload: tearsDown(40) },
              { name: 'b', payload: hangs },
              { name: 'c', payload: hangs, grace: 20 },
              { name: 'd', payload: tearsDown(100), grace: Infinity },
            ],
            { grace: 1 },
          );
          given.run();
          at(5, () => void runner.stop('g'));
          given.flush();
          return given;
        },
        { grace: 50 },
      );
      expect(toldAt(world.events).slice(6, 18)).toEqual([
        '5 stopping g 1 (stop)',
        '5 stopping g/d 1 (parent)',
        '105 exit g/d 1 stopped',
        '105 stopping g/c 1 (parent)',
        '125 overdue g/c 1 after 20',
        '125 exit g/c 1 stopped',
        '125 stopping g/b 1 (parent)',
        '175 overdue g/b 1 after 50',
        '175 exit g/b 1 stopped',
        '175 stopping g/a 1 (parent)',
        '215 exit g/a 1 stopped',
        '215 exit g 1 stopped',
      ]);
      const { failures, stragglers } = await reportOf(world);
      expect(failures).toMatchObject([
        { task: 'g/c', error: { code: 'ERR_RXVISOR_OVERDUE', grace: 20 } },
        { task: 'g/b', error: { code: 'ERR_RXVISOR_OVERDUE', grace: 50 } },
      ]);
      expect(failures[0]?.error).toBeInstanceOf(OverdueError);
      expect(stragglers.map(({ task }) => task)).toEqual(['g/c', 'g/b']);
    });

    it('should keep what a significant member fails with when another hangs', async () => {
      const world = virtually(
        flavourCase,
        (given) => {
          adoptGroup(given, [
            { name: 'a', payload: NEVER },
            { name: 'b', payload: hangs },
            { name: 'x', payload: crashes(5), restart: 'never', significant: true },
          ]);
          given.run();
          given.flush();
          return given;
        },
        { grace: 50 },
      );
      expect(toldAt(world.events).slice(5)).toEqual([
        '5 crash g/x 1',
        '5 exit g/x 1 failed',
        '5 stopping g/b 1 (failure)',
        '55 overdue g/b 1 after 50',
        '55 exit g/b 1 stopped',
        '55 stopping g/a 1 (failure)',
        '55 exit g/a 1 stopped',
        '55 crash g 1',
        '55 exit g 1 failed fatal',
        '55 shutdown (failure)',
        '55 down',
      ]);
      const { failures } = await reportOf(world);
      expect(failures).toHaveLength(2);
      expect(failures).toContainEqual({ task: 'g', error: BOOM });
    });
  });

  describe('when the runner gives up waiting', () => {
    it('should tell overdue and exit of every member not yet asked, before the group and down', async () => {
      const world = virtually(
        flavourCase,
        (given) => {
          const { runner, at } = given;
          const payload = jest.fn(() => NEVER);
          adoptGroup(given, [
            { name: 'a', payload: NEVER },
            { name: 'b', payload: tearsDown(1) },
            { name: 'c', payload: hangs },
            { name: 'd', payload: NEVER },
            { name: 'e', payload, after: ['f'] },
            { name: 'f', payload: NEVER, awaitReady: true },
            { name: 'h', payload: crashes(3) },
          ]);
          given.run();
          at(5, () => void runner.shutdown());
          given.flush();
          expect(payload).not.toHaveBeenCalled();
          return given;
        },
        { shutdownTimeout: 100 },
      );
      const { events } = world;
      expect(
        events
          .filter(({ at }) => at === 105)
          .map(({ type }) => type)
          .slice(-2),
      ).toEqual(['exit', 'down']);
      expect(toldAt(events.filter(({ at }) => at === 5))).toEqual([
        '5 shutdown (shutdown)',
        '5 stopping g 1 (shutdown)',
        expect.stringMatching(/^5 exit g\/(e 0|h 1) stopped$/),
        expect.stringMatching(/^5 exit g\/(e 0|h 1) stopped$/),
        '5 stopping g/f 1 (parent)',
        '5 exit g/f 1 stopped',
        '5 stopping g/d 1 (parent)',
        '5 exit g/d 1 stopped',
        '5 stopping g/c 1 (parent)',
      ]);
      expect(toldAt(events.filter(({ at }) => at === 105))).toEqual([
        '105 overdue g/c 1 after 5000',
        '105 exit g/c 1 stopped',
        '105 stopping g/b 1 (parent)',
        '105 overdue g/b 1 after 5000',
        '105 exit g/b 1 stopped',
        '105 stopping g/a 1 (parent)',
        '105 overdue g/a 1 after 5000',
        '105 exit g/a 1 stopped',
        '105 exit g 1 stopped',
        '105 down',
      ]);
      const report = await reportOf(world);
      expect(report.failures.map(({ task }) => task)).toEqual(['g/c', 'g/b', 'g/a']);
      expect(report.stragglers.map(({ task }) => task)).toEqual(['g/c', 'g/b']);
    });

    it('should do so in groups within, from the inside out; who is not running has ended before', () => {
      virtually(
        flavourCase,
        (world) => {
          const { runner, flavour, events, at } = world;
          const payload = jest.fn(() => NEVER);
          const inner = group(
            onFlavour(flavour, [
              { name: 'p', payload: crashes(1), backoff: () => 50 },
              { name: 'q', payload: NEVER, awaitReady: true },
              { name: 'r', payload, after: ['q'] },
              { name: 's', payload: NEVER },
            ]),
          );
          adoptGroup(world, [
            { name: 'in', payload: inner },
            { name: 'last', payload: hangs },
          ]);
          world.run();
          at(5, () => void runner.shutdown());
          world.flush();
          expect(payload).not.toHaveBeenCalled();
          const since = (time: number) =>
            told(events.filter((event) => event.at === time && event.type !== 'stopping'));
          expect(since(5)[0]).toBe('shutdown (shutdown)');
          expect(since(5).slice(1).sort()).toEqual([
            'exit g/in/p 1 stopped',
            'exit g/in/r 0 stopped',
          ]);
          expect(since(105)).toEqual([
            'overdue g/last 1 after 5000',
            'exit g/last 1 stopped',
            'overdue g/in/s 1 after 5000',
            'exit g/in/s 1 stopped',
            'overdue g/in/q 1 after 5000',
            'exit g/in/q 1 stopped',
            'overdue g/in 1 after 5000',
            'exit g/in 1 stopped',
            'exit g 1 stopped',
            'down',
          ]);
        },
        { shutdownTimeout: 100 },
      );
    });

    it('should not restart a member of a group within that crashes meanwhile', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events, at } = world;
        const p = { name: 'p', payload: crashes(50), backoff: () => 1 };
        adoptGroup(world, [
          { name: 'in', payload: group(onFlavour(flavour, [p, { name: 'q', payload: NEVER }])) },
          { name: 'last', payload: tearsDown(100) },
        ]);
        world.run();
        at(5, () => void runner.shutdown());
        world.flush();
        expect(toldAt(ofTask(events, 'g/in/p'))).toEqual([
          '0 start g/in/p 1',
          '50 crash g/in/p 1 restarting',
          '50 exit g/in/p 1 stopped',
        ]);
        expect(toldAt(ofTask(events, 'g/in/q')).at(-1)).toBe('105 exit g/in/q 1 stopped');
      });
    });
  });

  describe('more than once, and from anywhere (PITFALLS C14)', () => {
    it('should keep to the first reason', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: tearsDown(10) },
          { name: 'b', payload: tearsDown(10) },
        ]);
        world.run();
        at(5, () => void runner.stop('g', 'first'));
        at(6, () => void runner.stop('g', 'second'));
        at(7, () => void runner.stop('g/b', 'third'));
        at(8, () => void runner.shutdown('fourth'));
        at(16, () => void runner.stop('g/a', 'fifth'));
        world.flush();
        expect(toldAt(events).slice(4)).toEqual([
          '5 stopping g 1 (stop)',
          '5 stopping g/b 1 (parent)',
          '8 shutdown (shutdown)',
          '15 exit g/b 1 stopped',
          '15 stopping g/a 1 (parent)',
          '25 exit g/a 1 stopped',
          '25 exit g 1 stopped',
          '25 down',
        ]);
        expect(only(events, 'stopping', 'g').reason.message).toBe('first');
        expect(only(events, 'stopping', 'g/a').reason).toMatchObject({
          cause: { message: 'first' },
        });
      });
    });

    it('should let a member that is not asked yet be stopped out of turn', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: tearsDown(3) },
          { name: 'b', payload: NEVER },
          { name: 'c', payload: tearsDown(10) },
        ]);
        world.run();
        at(5, () => void runner.stop('g'));
        at(6, () => void runner.stop('g/a'));
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 stopping g 1 (stop)',
          '5 stopping g/c 1 (parent)',
          '6 stopping g/a 1 (stop)',
          '9 exit g/a 1 stopped',
          '15 exit g/c 1 stopped',
          '15 stopping g/b 1 (parent)',
          '15 exit g/b 1 stopped',
          '15 exit g 1 stopped',
        ]);
      });
    });

    it.each<[string, (event: LifecycleEvent) => boolean]>([
      ['when a member has started', (e) => e.type === 'start' && e.task === 'g/b'],
      ['when a member crashes', (e) => e.type === 'crash'],
      ['when a member is to restart', (e) => e.type === 'restart'],
      ['when a member has ended', (e) => e.type === 'exit' && e.task === 'g/c'],
    ])('should do the same from an observer, %s', (_, when) => {
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER },
          { name: 'b', payload: crashes(10) },
          { name: 'c', payload: completes(5) },
          { name: 'd', payload: tearsDown(7) },
        ]);
        const seen: string[] = [];
        runner.events$.subscribe((event) => {
          if (!when(event)) return;
          seen.push(event.type);
          void runner.stop('g');
        });
        world.run();
        world.flush();
        expect(seen).toHaveLength(1);
        const since = told(events).indexOf('stopping g 1 (stop)');
        expect(since).toBeGreaterThan(0);
        expect(events.slice(since).map(({ type }) => type)).not.toContain('start');
        expect(told(events).at(-1)).toBe('exit g 1 stopped');
        expect(runner.tasks()).toEqual([]);
      });
    });

    it('should do the same from a teardown of a member', () => {
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER },
          {
            name: 'b',
            payload: ({ onTeardown }) => {
              onTeardown(() => void runner.stop('g'));
              return completes(5);
            },
          },
          { name: 'c', payload: NEVER },
        ]);
        world.run();
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 stopping g 1 (stop)',
          '5 stopping g/c 1 (parent)',
          '5 exit g/c 1 stopped',
          '5 exit g/b 1 completed',
          '5 stopping g/a 1 (parent)',
          '5 exit g/a 1 stopped',
          '5 exit g 1 stopped',
        ]);
      });
    });

    it('should stop one member by hand and leave the others alone', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER },
          { name: 'b', payload: tearsDown(5), significant: true },
          { name: 'c', payload: NEVER },
        ]);
        world.run();
        at(5, () => void runner.stop('g/b'));
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 stopping g/b 1 (stop)',
          '10 exit g/b 1 stopped',
        ]);
        expect(runner.tasks().map(({ name }) => name)).toEqual(['g', 'g/a', 'g/c']);
      });
    });

    it('should start nobody when the function that makes the group has stopped itself before', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events } = world;
        const payload = jest.fn(() => NEVER);
        const made = group(onFlavour(flavour, [{ name: 'a', payload }]));
        runner.adopt(
          (context) => {
            void runner.stop('g');
            return made(context);
          },
          { name: 'g', flavour },
        );
        world.run();
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(told(events).slice(1)).toEqual([
          'start g 1',
          'stopping g 1 (stop)',
          'exit g 1 stopped',
        ]);
      });
    });

    it('should stop what a function has adopted beside the group that it makes', () => {
      virtually(flavourCase, (world) => {
        const { runner, flavour, events, at } = world;
        const made = group(
          onFlavour(flavour, [
            { name: 'a', payload: NEVER },
            { name: 'b', payload: tearsDown(10) },
          ]),
        );
        runner.adopt(
          (context) => {
            context.adopt(tearsDown(5), { name: 'beside', flavour });
            return made(context);
          },
          { name: 'g', flavour },
        );
        world.run();
        at(5, () => void runner.stop('g'));
        world.flush();
        expect(toldAt(events).slice(5)).toEqual([
          '5 stopping g 1 (stop)',
          '5 stopping g/beside 1 (parent)',
          '5 stopping g/b 1 (parent)',
          '10 exit g/beside 1 stopped',
          '15 exit g/b 1 stopped',
          '15 stopping g/a 1 (parent)',
          '15 exit g/a 1 stopped',
          '15 exit g 1 stopped',
        ]);
      });
    });

    it('should wait for all of them before anything that comes after', async () => {
      const order: string[] = [];
      await virtually(flavourCase, (world) => {
        const { runner, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: tearsDown(10) },
          { name: 'b', payload: tearsDown(10) },
        ]);
        world.run();
        let stopped: Promise<void> = Promise.resolve();
        at(5, () => {
          stopped = runner.stop('g').then(() => {
            order.push('stopped');
          });
        });
        runner.events$.subscribe((event) => {
          if (event.type === 'exit') order.push(event.task);
        });
        world.flush();
        return stopped;
      });
      expect(order).toEqual(['g/b', 'g/a', 'g', 'stopped']);
    });
  });
});

/** The tasks of which something was told, in that order. */
const order = (events: readonly LifecycleEvent[], type: LifecycleEvent['type']): string[] =>
  events.flatMap((event) => (event.type === type && 'task' in event ? [event.task] : []));
