import { describe, expect, it, jest } from '@jest/globals';
import { NEVER, throwError } from 'rxjs';
import { DependencyError, StopRestarting } from '../../src/errors.js';
import { group } from '../../src/group/group.js';
import type { MemberSpec } from '../../src/group/plan.js';
import { VIRTUAL_FLAVOURS, ofTask, only, told, toldAt, virtually } from '../runner/support.js';
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

describe.each(VIRTUAL_FLAVOURS)('a member that starts after others, on $name', (flavourCase) => {
  describe('that come up', () => {
    it('should start when they have started', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'c', payload: NEVER, after: ['b'] },
          { name: 'b', payload: NEVER, after: ['a'] },
          { name: 'a', payload: NEVER },
          { name: 'free', payload: NEVER },
        ]);
        world.run();
        world.flush();
        const starts = told(world.events).slice(2);
        expect(starts[0]).toBe('start g/a 1');
        expect([...starts].sort()).toEqual([
          'start g/a 1',
          'start g/b 1',
          'start g/c 1',
          'start g/free 1',
        ]);
        expect(starts.indexOf('start g/b 1')).toBeLessThan(starts.indexOf('start g/c 1'));
      });
    });

    it('should wait for context.ready() of one with awaitReady', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: readies(10), awaitReady: true },
          { name: 'b', payload: readies(10), after: ['a'] },
          { name: 'c', payload: NEVER, after: ['b'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(2)).toEqual([
          '0 start g/a 1',
          '10 ready g/a 1',
          '10 start g/b 1',
          '10 start g/c 1',
          '20 ready g/b 1',
        ]);
      });
    });

    it('should wait for the last of many', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'd', payload: NEVER, after: ['a', 'b', 'c'] },
          { name: 'a', payload: readies(10), awaitReady: true },
          { name: 'b', payload: readies(30), awaitReady: true },
          { name: 'c', payload: completes(20), awaitReady: true },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(world.events, 'g/d'))).toEqual(['30 start g/d 1']);
      });
    });

    it('should start once, though one comes up again and again, or calls ready() twice', () => {
      virtually(flavourCase, (world) => {
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          {
            name: 'a',
            payload: inTurn(readies(2, crashes(5)), readies(2, crashes(5)), (context) => {
              context.ready();
              context.ready();
              return NEVER;
            }),
            awaitReady: true,
            backoff: () => 1,
          },
          { name: 'b', payload, after: ['a', 'a'] },
        ]);
        world.run();
        world.flush();
        expect(payload).toHaveBeenCalledTimes(1);
        expect(toldAt(ofTask(world.events, 'g/b'))).toEqual(['2 start g/b 1']);
      });
    });

    it('should wait through the restarts of one that crashes before it is ready', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: inTurn(crashes(5), crashes(5), readies(5)), awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(-3)).toEqual([
          '3010 start g/a 3',
          '3015 ready g/a 3',
          '3015 start g/b 1',
        ]);
      });
    });

    it('should not care what becomes of them afterwards', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: crashes(5), restart: 'never' },
          { name: 'b', payload: NEVER },
          { name: 'c', payload: inTurn(crashes(6), NEVER), after: ['a', 'b'], backoff: () => 10 },
        ]);
        world.run();
        at(8, () => void runner.stop('g/b'));
        world.flush();
        expect(toldAt(ofTask(events, 'g/c'))).toEqual([
          '0 start g/c 1',
          '6 crash g/c 1 restarting',
          '6 restart g/c 1 in 10 (crash)',
          '16 start g/c 2',
        ]);
      });
    });

    it('should be waiting meanwhile, and not be started by hand', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: readies(10), awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        const states: unknown[] = [];
        at(5, () => {
          runner.restart('g/b');
          states.push(...runner.tasks().map(({ name, state, attempt }) => [name, state, attempt]));
        });
        world.flush();
        expect(states).toEqual([
          ['g', 'running', 1],
          ['g/a', 'running', 1],
          ['g/b', 'waiting', 0],
        ]);
        expect(toldAt(ofTask(events, 'g/b'))).toEqual(['10 start g/b 1']);
      });
    });

    it('should take a group within for a member like any other: ready from its start', () => {
      virtually(flavourCase, (world) => {
        const inner = group(
          onFlavour(world.flavour, [{ name: 'p', payload: readies(10), awaitReady: true }]),
        );
        adoptGroup(world, [
          { name: 'a', payload: inner },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(world.events, 'g/b'))).toEqual(['0 start g/b 1']);
      });
    });
  });

  describe('that complete', () => {
    it.each<[string, MemberSpec]>([
      ['was never ready', { name: 'a', payload: completes(10), awaitReady: true }],
      ['was ready long ago', { name: 'a', payload: readies(1, completes(10)), awaitReady: true }],
    ])('should take the completion for it when one %s', (_, a) => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          a,
          { name: 'slow', payload: readies(20), awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'] },
          { name: 'c', payload: NEVER, after: ['a', 'slow'] },
        ]);
        world.run();
        world.flush();
        expect(ofTask(world.events, 'g/b').map(({ at }) => at)).toHaveLength(1);
        expect(ofTask(world.events, 'g/b')[0]?.at).toBeLessThanOrEqual(10);
        expect(toldAt(ofTask(world.events, 'g/c'))).toEqual(['20 start g/c 1']);
      });
    });

    it('should take it only when that one is over, its teardown included', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: tearsDown(20, completes(10)), awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(world.events).slice(-2)).toEqual([
          '30 exit g/a 1 completed',
          '30 start g/b 1',
        ]);
      });
    });

    it('should not take it for long when that one is to start again', () => {
      virtually(flavourCase, (world) => {
        const a = inTurn(completes(10), readies(5));
        adoptGroup(world, [
          { name: 'a', payload: a, awaitReady: true, restart: 'always', backoff: () => 10 },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(world.events, 'g/b'))).toEqual(['25 start g/b 1']);
      });
    });
  });

  describe('that fail for good', () => {
    it('should end as failed with a DependencyError, without a start', async () => {
      const payload = jest.fn(() => NEVER);
      const world = virtually(flavourCase, (given) => {
        adoptGroup(given, [
          { name: 'b', payload, after: ['a', 'slow'] },
          { name: 'a', payload: crashes(5), restart: 'never' },
          { name: 'slow', payload: readies(20), awaitReady: true },
          { name: 'free', payload: completes(30) },
        ]);
        given.run();
        given.at(40, () => void given.runner.shutdown());
        given.flush();
        return given;
      });
      const { events } = world;
      expect(payload).not.toHaveBeenCalled();
      expect(toldAt(events).slice(5, 9)).toEqual([
        '5 crash g/a 1',
        '5 exit g/a 1 failed',
        '5 exit g/b 0 failed',
        '20 ready g/slow 1',
      ]);
      const { error, fatal } = only(events, 'exit', 'g/b');
      expect(error).toBeInstanceOf(DependencyError);
      expect(error).toMatchObject({
        code: 'ERR_RXVISOR_DEPENDENCY',
        task: 'g/b',
        dependency: 'a',
        cause: BOOM,
      });
      expect((error as Error).message).toBe(
        'task "g/b" was not started: "a", which it starts after, failed for good',
      );
      expect(fatal).toBe(false);
      const { failures, tolerated, counts } = await reportOf(world);
      expect(failures).toEqual([]);
      expect(tolerated).toEqual([
        { task: 'g/a', error: BOOM },
        { task: 'g/b', error },
      ]);
      expect(counts).toEqual({ completed: 1, stopped: 2, failed: 2 });
    });

    it('should pass the failure on to those after it, each with the one before as its cause', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        adoptGroup(world, [
          { name: 'd', payload: NEVER, after: ['c'] },
          { name: 'c', payload: NEVER, after: ['b'] },
          { name: 'b', payload: NEVER, after: ['a'] },
          { name: 'a', payload: crashes(5, new StopRestarting(BOOM)), awaitReady: true },
        ]);
        world.run();
        world.flush();
        expect(told(events).slice(3)).toEqual([
          'crash g/a 1',
          'exit g/a 1 failed',
          'exit g/b 0 failed',
          'exit g/c 0 failed',
          'exit g/d 0 failed',
          'exit g 1 completed',
        ]);
        const [b, c, d] = ['g/b', 'g/c', 'g/d'].map((task) => only(events, 'exit', task).error);
        expect(d).toMatchObject({ dependency: 'c', cause: c });
        expect(c).toMatchObject({ dependency: 'b', cause: b });
        expect(b).toMatchObject({ dependency: 'a', cause: BOOM });
      });
    });

    it('should pass it on through a long chain (thousands of members)', () => {
      virtually(flavourCase, (world) => {
        const length = 3_000;
        const chain = Array.from({ length }, (_, i) => ({
          name: `${i}`,
          payload: NEVER,
          after: [`${i + 1}`],
        }));
        const last = { name: `${length}`, payload: crashes(5), awaitReady: true } as const;
        adoptGroup(world, [...chain, { ...last, restart: 'never' }]);
        world.run();
        world.flush();
        const exits = world.events.filter(({ type }) => type === 'exit');
        expect(exits).toHaveLength(length + 2);
        expect(told(exits).at(-1)).toBe('exit g 1 completed');
      });
    }, 20_000);

    it('should end with undefined as the cause when that is the failure (PITFALLS A12)', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: crashes(5, undefined), restart: 'never', awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.flush();
        const { error } = only(world.events, 'exit', 'g/b');
        expect(error).toBeInstanceOf(DependencyError);
        expect(Object.hasOwn(error as object, 'cause')).toBe(true);
        expect((error as Error).cause).toBeUndefined();
      });
    });

    it('should not fail for one that was up before it failed', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          { name: 'a', payload: readies(5, crashes(10)), restart: 'never', awaitReady: true },
          { name: 'b', payload: completes(20), after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(world.events, 'g/b'))).toEqual([
          '5 start g/b 1',
          '25 exit g/b 1 completed',
        ]);
      });
    });

    it('should fail the group with the DependencyError when it is significant itself', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        adoptGroup(world, [
          { name: 'a', payload: crashes(5), restart: 'never', awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'], significant: true },
          { name: 'c', payload: tearsDown(10) },
        ]);
        world.run();
        world.flush();
        expect(toldAt(events).slice(4)).toEqual([
          '5 crash g/a 1',
          '5 exit g/a 1 failed',
          '5 exit g/b 0 failed',
          '5 stopping g/c 1 (failure)',
          '15 exit g/c 1 stopped',
          '15 crash g 1',
          '15 exit g 1 failed fatal',
          '15 shutdown (failure)',
          '15 down',
        ]);
        expect(only(events, 'exit', 'g').error).toBe(only(events, 'exit', 'g/b').error);
      });
    });

    it('should be stopped, not failed, when the one that failed was significant', () => {
      virtually(flavourCase, (world) => {
        const { events } = world;
        adoptGroup(world, [
          { name: 'a', payload: crashes(5), restart: 'never', awaitReady: true, significant: true },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(told(events).slice(3, 7)).toEqual([
          'crash g/a 1',
          'exit g/a 1 failed',
          'exit g/b 0 stopped',
          'crash g 1',
        ]);
      });
    });
  });

  describe('that are stopped', () => {
    it('should be stopped for the same reason, and so on, without a start', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          { name: 'a', payload: tearsDown(10), awaitReady: true },
          { name: 'b', payload, after: ['a'] },
          { name: 'c', payload, after: ['b'] },
        ]);
        world.run();
        at(5, () => void runner.stop('g/a', 'enough'));
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(toldAt(events).slice(3)).toEqual([
          '5 stopping g/a 1 (stop)',
          '15 exit g/a 1 stopped',
          '15 exit g/b 0 stopped',
          '15 exit g/c 0 stopped',
          '15 exit g 1 completed',
        ]);
      });
    });

    it('should be stopped when that one is stopped before it has started', () => {
      virtually(flavourCase, (world) => {
        const { runner, events, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: readies(20), awaitReady: true },
          { name: 'b', payload: NEVER, after: ['a'] },
          { name: 'c', payload: NEVER, after: ['b'] },
        ]);
        world.run();
        at(5, () => void runner.stop('g/b'));
        world.flush();
        expect(toldAt(events).slice(3)).toEqual([
          '5 exit g/b 0 stopped',
          '5 exit g/c 0 stopped',
          '20 ready g/a 1',
        ]);
      });
    });

    it('should go on when it had started', () => {
      virtually(flavourCase, (world) => {
        const { runner, at } = world;
        adoptGroup(world, [
          { name: 'a', payload: NEVER },
          { name: 'b', payload: NEVER, after: ['a'] },
        ]);
        world.run();
        at(5, () => void runner.stop('g/a'));
        world.flush();
        expect(runner.tasks().map(({ name }) => name)).toEqual(['g', 'g/b']);
      });
    });
  });

  describe('whose turn was about to come', () => {
    it('should be taken back when the one before it fails for good at once', () => {
      virtually(flavourCase, (world) => {
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          { name: 'a', payload: throwError(() => BOOM), restart: 'never' },
          { name: 'b', payload, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(told(world.events).slice(2)).toEqual([
          'start g/a 1',
          'crash g/a 1',
          'exit g/a 1 failed',
          'exit g/b 0 failed',
          'exit g 1 completed',
        ]);
      });
    });

    it('should be taken back when the one before it is stopped at once', () => {
      virtually(flavourCase, (world) => {
        const { runner, events } = world;
        const payload = jest.fn(() => NEVER);
        adoptGroup(world, [
          {
            name: 'a',
            payload: ({ name }) => {
              void runner.stop(name);
              return NEVER;
            },
          },
          { name: 'b', payload, after: ['a'] },
        ]);
        world.run();
        world.flush();
        expect(payload).not.toHaveBeenCalled();
        expect(told(events).slice(2)).toEqual([
          'start g/a 1',
          'stopping g/a 1 (stop)',
          'exit g/a 1 stopped',
          'exit g/b 0 stopped',
          'exit g 1 completed',
        ]);
      });
    });

    it('should start all the same when the one before it restarts, or completes at once', () => {
      virtually(flavourCase, (world) => {
        adoptGroup(world, [
          {
            name: 'a',
            payload: inTurn(
              throwError(() => BOOM),
              NEVER,
            ),
          },
          { name: 'b', payload: NEVER, after: ['a'] },
          { name: 'c', payload: () => undefined },
          { name: 'd', payload: NEVER, after: ['c'] },
        ]);
        world.run();
        world.flush();
        expect(toldAt(ofTask(world.events, 'g/b'))).toEqual(['0 start g/b 1']);
        expect(toldAt(ofTask(world.events, 'g/d'))).toEqual(['0 start g/d 1']);
      });
    });
  });
});
