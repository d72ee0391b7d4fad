import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { config } from 'rxjs';
import { transfer } from '../../../src/task/transfer.js';
import { encodeError } from '../../../src/thread/error-codec.js';
import { toSettings } from '../../../src/thread/options.js';
import { Assignment } from '../../../src/thread/outside/assignment.js';
import { type Keeper, Thread } from '../../../src/thread/outside/thread.js';
import {
  COMPLETED,
  DYING,
  EXITING,
  FAILED,
  LOADED,
  LOADING,
  OVER,
  READY,
  REFUSED,
  RESULT,
  VALUES,
} from '../../../src/thread/protocol.js';
import { SEATS } from '../../../src/thread/seats.js';
import type { Consumer } from '../../properties/thread-consumer.js';
import { type StubLine, endOfTick, toConsumer, toLines, work } from './support.js';

const boom = new Error('boom');
const crash = (reason: string, more: object = {}) => ({
  how: 'error',
  error: expect.objectContaining({
    code: 'ERR_RXVISOR_WORKER_CRASH',
    reason,
    threadId: 7,
    ...more,
  }),
});

describe('Thread', () => {
  let keeper: { [K in keyof Keeper]: jest.Mock<Keeper[K]> };
  let line: StubLine;
  let thread: Thread;
  let warnings: unknown[][];

  const start = (startTimeout = 60_000) => {
    const { lines, connect } = toLines();
    thread = new Thread(toSettings({ startTimeout }), keeper, connect);
    line = lines[0]!;
  };
  const assign = (payload = work.run('a'), name = 'web'): Consumer => {
    const consumer = toConsumer(payload, { name });
    thread.assign(new Assignment(consumer.entry, payload));
    return consumer;
  };

  beforeEach(() => {
    keeper = { released: jest.fn(), died: jest.fn() };
    warnings = [];
    jest.spyOn(process, 'emitWarning').mockImplementation((...warning) => {
      warnings.push(warning);
    });
    start();
  });

  afterEach(() => {
    line.die();
    jest.restoreAllMocks();
  });

  it('should be given something from the moment that it’s made', async () => {
    assign();
    assign();
    await endOfTick();

    expect(line.told).toEqual(['define 0', 'enter 1', 'enter 2']);
    expect([thread.load, thread.runs, thread.isStarting]).toEqual([2, 2, true]);
    line.hello();
    expect(thread.isStarting).toBe(false);
  });

  it('should hand what it says to whom it’s about', async () => {
    const [first, second] = [assign(), assign()];
    const ready = jest.fn();
    Object.assign(second.context, { ready });
    line.say([VALUES, 2, ['x']], [RESULT, 1, 'a'], [READY, 2], [VALUES, 2, ['y', 'z']]);
    line.say([COMPLETED, 2]);
    await endOfTick();
    expect([first.items, first.isOver]).toEqual([['a'], true]);
    expect([second.items, second.ends.length, second.isOver]).toEqual([['x', 'y', 'z'], 1, false]);
    line.say([OVER, 2, [encodeError(boom)]]);
    await endOfTick();

    expect([second.isOver, second.teardownErrors]).toEqual([true, [boom]]);
    expect(ready).toHaveBeenCalledTimes(1);
  });

  it('should hand on failures, and values that were refused', () => {
    const [first, second] = [assign(), assign()];
    line.say([FAILED, 1, encodeError(boom)], [OVER, 1]);
    line.say([REFUSED, 2, encodeError(boom)], [OVER, 2]);

    expect(first.ends).toEqual([{ how: 'error', error: boom }]);
    expect(second.ends[0]?.error).toMatchObject({ code: 'ERR_RXVISOR_CLONE', cause: boom });
    expect(thread.load).toBe(0);
  });

  it('should take no notice of what is said of nobody', () => {
    expect(() => {
      line.say(
        [VALUES, 9, [1]],
        [READY, 9],
        [COMPLETED, 9],
        [FAILED, 9],
        [OVER, 9],
        [RESULT, 9, 1],
      );
    }).not.toThrow();
    expect(keeper.released).not.toHaveBeenCalled();
  });

  it('should not let one consumer that throws harm the next one', async () => {
    const surfaced: unknown[] = [];
    const { onUnhandledError } = config;
    config.onUnhandledError = (error) => surfaced.push(error);
    const [first, second] = [assign(), assign()];
    first.next = () => {
      throw boom;
    };
    line.say([RESULT, 1, 'a'], [RESULT, 2, 'b']);
    await new Promise((resolve) => setTimeout(resolve, 5));
    config.onUnhandledError = onUnhandledError;

    expect(second.items).toEqual(['b']);
    expect(surfaced).toEqual([boom]);
  });

  it('should tell its keeper of what is over, and what it may still be given', () => {
    const consumer = assign();
    expect(thread.find(1)?.entry).toBe(consumer.entry);
    thread.flush();
    line.finish(1);

    expect(keeper.released.mock.calls).toEqual([[thread]]);
    expect([thread.load, thread.find(1), thread.expectsMore]).toEqual([0, undefined, false]);
  });

  it('should give its seats again, and no more than it has', () => {
    for (let i = 0; i < SEATS; i++) assign();
    expect(() => assign()).toThrow(RangeError);
    thread.flush();
    line.finish(1);

    expect(() => assign()).not.toThrow();
  });

  it('should let more wait on it that proves to be quick, and few else', () => {
    const few = thread.pace.ahead;
    for (let i = 0; i < 40; i++) assign();
    thread.flush();
    for (const id of line.entered) line.take(id);
    line.say(...line.entered.map((id) => [RESULT, id, 'a'] as const));
    const many = thread.pace.ahead;
    line.say();

    expect(few).toBeGreaterThanOrEqual(1);
    expect(many).toBeGreaterThan(few);
    expect(thread.pace.ahead).toBe(few);
  });

  it('should give what can’t be cloned back to whom it came from', () => {
    const [first, second] = [assign(), assign(work.run(() => 1))];
    thread.flush();

    expect(line.entered).toEqual([1]);
    expect(first.ends).toEqual([]);
    expect(second.ends[0]?.error).toMatchObject({ code: 'ERR_RXVISOR_CLONE' });
    expect(thread.load).toBe(1);
  });

  describe('taking back', () => {
    it('should take what it has not taken up, once, and tell its keeper', () => {
      assign();
      const assignment = thread.find(1)!;
      expect(thread.takeBack(assignment)).toBe(true);
      expect(thread.takeBack(assignment)).toBe(false);
      thread.flush();

      expect(keeper.released).toHaveBeenCalledTimes(1);
      expect(thread.load).toBe(0);
      expect(line.take(1)).toBe(false);
    });

    it('should not take what it has taken up', () => {
      assign();
      thread.flush();
      line.take(1);

      expect(thread.takeBack(thread.find(1)!)).toBe(false);
      expect(thread.load).toBe(1);
    });

    it('should take the one that has waited longest, and can be taken', () => {
      const bytes = new ArrayBuffer(1);
      assign();
      assign(work.run(transfer(bytes, [bytes])));
      const third = assign();
      assign();
      thread.flush();
      line.take(1);

      expect(thread.takeBackFirst()?.entry).toBe(third.entry);
    });

    it('should find none where there is none', () => {
      expect(thread.takeBackFirst()).toBeUndefined();
      assign();
      thread.flush();
      line.take(1);

      expect(thread.takeBackFirst()).toBeUndefined();
    });
  });

  describe('its death', () => {
    it('should end what it had taken up, and give back what it had not', () => {
      line.hello();
      const [first, second] = [assign(), assign()];
      thread.flush();
      line.take(1);
      line.say([EXITING, 3]);
      line.die(3, 'the last line');

      expect(first.ends).toEqual([crash('exit', { exitCode: 3, stderr: 'the last line' })]);
      expect(second.ends).toEqual([]);
      expect(
        keeper.died.mock.calls.map(([who, left]) => [who, left.map((each) => each.entry)]),
      ).toEqual([[thread, [second.entry]]]);
      expect([thread.isLeaving, thread.load]).toEqual([true, 0]);
    });

    it('should give back what it had not before it ends what it had: that may stop the others', () => {
      line.hello();
      const [first, second] = [assign(), assign()];
      thread.flush();
      line.take(1);
      first.onFailure = () => {
        second.ask({ type: 'unsubscribe' });
      };
      line.die();

      expect(second.ends).toEqual([{ how: 'complete' }]);
      expect(keeper.died.mock.calls[0]?.[1].map(({ hasEnded }) => hasEnded)).toEqual([true]);
    });

    it('should end what has moved to it, since nobody else can run that', () => {
      line.hello();
      const bytes = new ArrayBuffer(1);
      const consumer = assign(work.run(transfer(bytes, [bytes])));
      line.die();

      expect(consumer.ends).toEqual([crash('terminated')]);
      expect(keeper.died).toHaveBeenCalledWith(thread, []);
    });

    it('should end all that was on it when it has never answered', () => {
      const [first, second] = [assign(), assign()];
      line.die();

      expect(keeper.died).toHaveBeenCalledWith(thread, []);
      for (const { ends } of [first, second]) {
        expect(ends).toEqual([
          expect.objectContaining({
            error: expect.objectContaining({ code: 'ERR_RXVISOR_WORKER_CRASH' }),
          }),
        ]);
      }
    });

    it('should tell last words', () => {
      line.hello();
      const consumer = assign();
      thread.flush();
      line.take(1);
      line.say([DYING, 'unhandled-rejection', encodeError(boom)]);
      line.listener.failed(new Error('what Node says'));
      line.die();

      expect(consumer.ends).toEqual([crash('unhandled-rejection', { cause: boom })]);
    });

    it('should tell the first of what Node says', () => {
      line.hello();
      const consumer = assign();
      thread.flush();
      line.take(1);
      line.listener.failed(boom);
      line.listener.failed(new Error('second'));
      line.die();

      expect(consumer.ends).toEqual([crash('uncaught', { cause: boom })]);
    });

    it('should be told as a warning when there is nobody else to be told', () => {
      line.hello();
      line.say([DYING, 'uncaught', encodeError(boom)]);
      line.die();

      expect(warnings).toEqual([
        [
          expect.stringContaining('thread 7'),
          expect.objectContaining({
            code: 'ERR_RXVISOR_WORKER_CRASH',
            detail: expect.stringContaining('boom'),
          }),
        ],
      ]);
    });

    it('should be no news when it was asked for', async () => {
      line.hello();
      const closed = thread.close();
      line.say([EXITING, 0]);
      line.die(0);
      await closed;

      expect(warnings).toEqual([]);
      expect(keeper.died).toHaveBeenCalledTimes(1);
    });
  });

  describe('its start', () => {
    it('should be ended when it takes too long', async () => {
      line.die();
      start(10);
      const consumer = assign();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([line.terminated, thread.isLeaving]).toEqual([1, true]);
      line.die();

      expect(consumer.ends).toEqual([crash('handshake')]);
    });

    it('should be ended when a module takes too long, and not when it has loaded', async () => {
      line.die();
      start(20);
      line.hello();
      line.say([LOADING]);
      line.say([LOADED, true]);
      await new Promise((resolve) => setTimeout(resolve, 80));
      expect(line.terminated).toBe(0);
      line.say([LOADING]);
      await new Promise((resolve) => setTimeout(resolve, 120));

      expect(line.terminated).toBe(1);
    });

    it('should be remembered when a module has not loaded: it never will, there', () => {
      line.say([LOADING], [LOADED, true]);
      expect(thread.isTainted).toBe(false);
      line.say([LOADING], [LOADED, false], [LOADING], [LOADED, true]);

      expect(thread.isTainted).toBe(true);
    });
  });

  describe('its end', () => {
    it('should be asked for once, and resolve when it’s gone', async () => {
      const [one, two] = [thread.close(), thread.close()];
      let isGone = false;
      void one.then(() => (isGone = true));
      await endOfTick();
      expect([line.told, thread.isLeaving, isGone]).toEqual([['close'], true, false]);
      line.die(0);
      await Promise.all([one, two]);

      expect(isGone).toBe(true);
    });

    it('should come by force', async () => {
      const ended = thread.terminate();
      void thread.terminate();
      expect([line.terminated, thread.isLeaving]).toEqual([1, true]);
      line.die();
      await ended;
    });
  });
});
