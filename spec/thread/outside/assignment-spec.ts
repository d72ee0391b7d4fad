import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WorkerCrashError } from '../../../src/errors.js';
import { transfer } from '../../../src/task/transfer.js';
import type { ThreadedPayload } from '../../../src/task/threaded-payload.js';
import { encodeError } from '../../../src/thread/error-codec.js';
import { Assignment } from '../../../src/thread/outside/assignment.js';
import type { Consumer } from '../../properties/thread-consumer.js';
import { endOfTick, toConsumer, work } from './support.js';

const STOP = Object.freeze({ type: 'unsubscribe' } as const);
const boom = new Error('boom');
const crashOf = (task: string) => new WorkerCrashError(task, 'exit', { threadId: 7, exitCode: 3 });
const CRASH = expect.objectContaining({ code: 'ERR_RXVISOR_WORKER_CRASH', reason: 'exit' });

/** A payload that says where it was made, which of many only some can. */
const calledFrom = (where: string): ThreadedPayload =>
  Object.create(work.run('a'), { callerStack: { value: `    at ${where}` } }) as ThreadedPayload;

describe('Assignment', () => {
  const workplace = {
    credit: jest.fn<(assignment: Assignment, values: number) => void>(),
    cancel: jest.fn<(assignment: Assignment, reason: unknown) => void>(),
    takeBack: jest.fn<(assignment: Assignment) => boolean>(),
    terminate: jest.fn<() => void>(),
  };
  let consumer: Consumer;
  let assignment: Assignment;

  const place = (demand = Infinity) => {
    consumer = toConsumer(calledFrom('there'), { demand });
    assignment = new Assignment(consumer.entry, consumer.payload);
    assignment.placed(workplace, 5, 6);
  };

  beforeEach(() => {
    jest.resetAllMocks();
    workplace.takeBack.mockReturnValue(false);
    place();
  });

  it('should be how its entry is left', () => {
    expect(consumer.leave).toBe(assignment);
    expect([assignment.id, assignment.seat]).toEqual([5, 6]);
  });

  it('should be placed where there is a place, unless it has ended', () => {
    const thread = { assign: jest.fn() };
    assignment.placeOn(() => thread);
    expect(thread.assign.mock.calls).toEqual([[assignment]]);
    assignment.placeOn(() => {
      throw boom;
    });
    assignment.placeOn(() => thread);

    expect(consumer.ends).toEqual([{ how: 'error', error: boom }]);
    expect(thread.assign).toHaveBeenCalledTimes(1);
  });

  it('should know whether it has to stay where its arguments are', () => {
    const bytes = new ArrayBuffer(4);
    const moved = work.run(1, transfer(bytes, [bytes]));

    expect(assignment.isMoved).toBe(false);
    expect(new Assignment(toConsumer(moved).entry, moved).isMoved).toBe(true);
  });

  it('should hand over its only value, and its end', () => {
    assignment.result('a');

    expect([consumer.items, consumer.ends, consumer.isOver]).toEqual([
      ['a'],
      [{ how: 'complete' }],
      true,
    ]);
  });

  it('should hand over values, and give credit for them', () => {
    assignment.values([1, 2]);
    assignment.values([3, 4]);
    assignment.over();

    expect([consumer.items, consumer.ends]).toEqual([[1, 2, 3, 4], [{ how: 'complete' }]]);
    expect(workplace.credit.mock.calls.map(([, values]) => values)).toEqual([1, 1, 1, 1]);
  });

  it('should hand over an end only after the values before it have been wanted', () => {
    place(1);
    assignment.values([1, 2]);
    assignment.result(3);
    expect([consumer.items, consumer.ends]).toEqual([[1], []]);
    consumer.askFor(2);

    expect([consumer.items, consumer.ends]).toEqual([[1, 2, 3], [{ how: 'complete' }]]);
  });

  it('should hand over an error only after the values before it have been wanted', () => {
    place(1);
    assignment.values([1, 2]);
    assignment.failed(encodeError(boom));
    assignment.over();
    expect(consumer.ends).toEqual([]);
    consumer.askFor(1);

    expect(consumer.items).toEqual([1, 2]);
    expect(consumer.ends).toEqual([{ how: 'error', error: boom }]);
  });

  it('should await the teardown of what has completed', async () => {
    assignment.values([1]);
    assignment.completed();
    await endOfTick();
    expect([consumer.ends, consumer.isOver]).toEqual([[{ how: 'complete' }], false]);
    assignment.over();
    await endOfTick();

    expect([consumer.ends.length, consumer.isOver]).toEqual([1, true]);
  });

  it('should await the teardown of what has failed, and say what failed there', async () => {
    assignment.failed(encodeError(boom));
    await endOfTick();
    expect([consumer.ends, consumer.isOver]).toEqual([[{ how: 'error', error: boom }], false]);
    assignment.over([encodeError('in teardown'), encodeError(undefined)]);
    await endOfTick();

    expect(consumer.isOver).toBe(true);
    expect(new Set(consumer.teardownErrors)).toEqual(new Set(['in teardown', undefined]));
  });

  it('should add to the stack of an error where the thread was called', () => {
    assignment.failed(encodeError(boom));

    expect((consumer.ends[0]?.error as Error).stack).toMatch(
      /boom[^]+called from\]\n {4}at there$/,
    );
  });

  it('should tell what can’t be cloned by the name of the task, for good from the second time on', () => {
    assignment.refused('argument 1', boom);

    expect(consumer.ends).toEqual([
      {
        how: 'error',
        error: expect.objectContaining({
          code: 'ERR_RXVISOR_CLONE',
          message: expect.stringMatching(/^task "web" can't pass argument 1/),
          cause: boom,
        }),
      },
    ]);

    place();
    Object.assign(consumer.context, { attempt: 2 });
    assignment.refused('argument 1', boom);

    expect(consumer.ends[0]?.error).toMatchObject({
      name: 'StopRestarting',
      cause: { code: 'ERR_RXVISOR_CLONE' },
    });
  });

  it('should fail with a value that can’t be cloned, and await its teardown', async () => {
    assignment.values([1]);
    assignment.valueRefused(boom);
    await endOfTick();
    expect(consumer.isOver).toBe(false);
    expect(consumer.ends).toEqual([
      { how: 'error', error: expect.objectContaining({ code: 'ERR_RXVISOR_CLONE', cause: boom }) },
    ]);
    assignment.over();
    await endOfTick();

    expect([consumer.ends.length, consumer.isOver]).toEqual([1, true]);
  });

  it('should fail for whatever reason there is', () => {
    assignment.fail(boom);

    expect(consumer.ends).toEqual([{ how: 'error', error: boom }]);
  });

  it('should tell that it’s ready', () => {
    const ready = jest.fn();
    Object.assign(consumer.context, { ready });
    assignment.ready();

    expect(ready).toHaveBeenCalledTimes(1);
  });

  describe('asked to stop', () => {
    it('should be over when no thread has taken it up', () => {
      workplace.takeBack.mockReturnValue(true);
      consumer.ask(STOP);

      expect([consumer.ends, consumer.isOver]).toEqual([[{ how: 'complete' }], true]);
      expect(workplace.cancel).not.toHaveBeenCalled();
    });

    it('should be over when it’s on no thread', () => {
      assignment.displaced();
      consumer.ask(STOP);

      expect(consumer.ends).toEqual([{ how: 'complete' }]);
      expect(workplace.takeBack).not.toHaveBeenCalled();
      expect(assignment.hasEnded).toBe(true);
    });

    it('should cancel it in its thread, with the reason, and await that', () => {
      consumer.ask(STOP);
      expect(workplace.cancel.mock.calls).toEqual([[assignment, STOP]]);
      expect(consumer.ends).toEqual([]);
      assignment.over();

      expect(consumer.ends).toEqual([{ how: 'complete' }]);
    });

    it('should end with the very same reason when it has thrown that', () => {
      consumer.ask(STOP);
      assignment.failed(undefined);
      assignment.over();

      expect(consumer.ends[0]?.error).toBe(STOP);
    });

    it('should let out what nobody asks for any more, so that its end comes through', () => {
      place(1);
      assignment.values([1, 2]);
      consumer.ask(STOP);
      assignment.over();

      expect(consumer.ends).toEqual([{ how: 'complete' }]);
    });

    it('should let out what comes only after that, too', () => {
      place(0);
      consumer.ask(STOP);
      assignment.values([1, 2]);
      assignment.over();

      expect(consumer.ends).toEqual([{ how: 'complete' }]);
      expect(workplace.credit).toHaveBeenCalled();
    });

    it('should do nothing when it has ended', () => {
      assignment.result('a');
      assignment.ask();

      expect(workplace.takeBack).not.toHaveBeenCalled();
      expect(workplace.cancel).not.toHaveBeenCalled();
      expect(consumer.ends).toHaveLength(1);
    });
  });

  describe('when its thread dies', () => {
    it('should end with that', () => {
      assignment.died(crashOf);

      expect(consumer.ends).toEqual([{ how: 'error', error: CRASH }]);
      expect((consumer.ends[0]?.error as Error).stack).toMatch(/called from\]\n {4}at there$/);
    });

    it('should end after what has come of it', () => {
      place(1);
      assignment.values([1, 2]);
      assignment.died(crashOf);
      expect(consumer.ends).toEqual([]);
      consumer.askFor(1);

      expect([consumer.items, consumer.ends]).toEqual([[1, 2], [{ how: 'error', error: CRASH }]]);
    });

    it('should tell it as a failure of its teardown when that was under way', async () => {
      assignment.completed();
      assignment.died(crashOf);
      await endOfTick();

      expect([consumer.ends, consumer.teardownErrors]).toEqual([[{ how: 'complete' }], [CRASH]]);
      expect(consumer.isOver).toBe(true);
    });
  });

  describe('ended by force', () => {
    it('should have its thread terminated, and be over with that, without an error', () => {
      consumer.ask(STOP);
      consumer.force();
      expect(workplace.terminate).toHaveBeenCalledTimes(1);
      expect(consumer.ends).toEqual([]);
      assignment.died(crashOf);

      expect(consumer.ends).toEqual([{ how: 'complete' }]);
    });

    it('should be over without an error when it was being torn down', async () => {
      assignment.completed();
      consumer.force();
      assignment.died(crashOf);
      await endOfTick();

      expect([consumer.isOver, consumer.teardownErrors]).toEqual([true, []]);
    });

    it('should harm no thread that it isn’t on any more', () => {
      place(0);
      assignment.values([1]);
      assignment.displaced();
      assignment.over();
      expect(consumer.ends).toEqual([]);
      assignment.force();

      expect(workplace.terminate).not.toHaveBeenCalled();
      expect(consumer.ends).toEqual([{ how: 'complete' }]);
    });
  });
});
