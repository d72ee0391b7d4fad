import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type SchedulerAction, Subscription, config } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  type Queued,
  QueuedAction,
  type Work,
  executeFenced,
} from '../../src/schedulers/queued-action.js';

describe('QueuedAction', () => {
  let queue: Queued[];
  /** Who was put in the queue after a delay. */
  let woken: Queued[];
  const scheduler = {
    enqueue: (action: Queued) => void queue.push(action),
    wake: (action: Queued) => {
      woken.push(action);
      queue.push(action);
    },
  };
  const executeAll = () => {
    for (const action of queue.splice(0)) action.execute();
  };
  const virtually = (spec: (clock: TestScheduler, flush: () => void) => void) => {
    const clock = new TestScheduler(() => undefined);
    clock.run(({ flush }) => {
      spec(clock, flush);
    });
  };

  beforeEach(() => {
    queue = [];
    woken = [];
  });

  it('should do nothing before it is scheduled', () => {
    const work = jest.fn<Work<string>>();
    const action = new QueuedAction<string>(scheduler, work);
    action.execute();

    expect(queue).toEqual([]);
    expect(work).not.toHaveBeenCalled();
  });

  it('should run its work with its state, once it’s its turn', () => {
    const work = jest.fn<Work<string>>();
    const action = new QueuedAction<string>(scheduler, work);

    expect(action.schedule('state')).toBe(action);
    expect(work).not.toHaveBeenCalled();
    executeAll();

    expect(work.mock.calls).toEqual([['state']]);
    expect(work.mock.contexts).toEqual([action]);
  });

  it('should run once though it was put in the queue twice', () => {
    const work = jest.fn<Work<number>>();
    const action = new QueuedAction<number>(scheduler, work);
    action.schedule(1);
    action.schedule(2);
    expect(queue).toHaveLength(1);
    executeAll();
    action.execute();

    expect(work.mock.calls).toEqual([[2]]);
  });

  it('should run again when it schedules itself, never inside itself', () => {
    const states: number[] = [];
    const action = new QueuedAction<number>(scheduler, function (
      this: SchedulerAction<number>,
      state = 0,
    ) {
      states.push(state);
      if (state < 3) this.schedule(state + 1);
    });
    action.schedule(1);
    executeAll();
    expect(states).toEqual([1]);
    executeAll();
    executeAll();
    executeAll();

    expect(states).toEqual([1, 2, 3]);
    expect(queue).toEqual([]);
  });

  it('should not run once it was unsubscribed, and say that it need not wait', () => {
    const work = jest.fn<Work<void>>();
    const action = new QueuedAction<void>(scheduler, work);
    action.schedule();
    expect(queue[0]?.closed).toBe(false);
    action.unsubscribe();
    expect(queue[0]?.closed).toBe(true);
    executeAll();
    action.schedule();

    expect(queue).toEqual([]);
    expect(work).not.toHaveBeenCalled();
  });

  it('should end with its finalizers when its work throws, and let the error out', () => {
    const action = new QueuedAction<void>(scheduler, () => {
      throw new Error('boom');
    });
    const finalizer = jest.fn();
    action.add(finalizer);
    action.schedule();

    expect(executeAll).toThrow('boom');
    expect(action.closed).toBe(true);
    expect(finalizer).toHaveBeenCalledTimes(1);
  });

  it('should not be pending when the queue takes no more', () => {
    let isFull = true;
    const action = new QueuedAction<string>(
      {
        ...scheduler,
        enqueue: (queued) => {
          if (isFull) throw new Error('full');
          queue.push(queued);
        },
      },
      () => undefined,
    );
    expect(() => action.schedule('first')).toThrow('full');
    expect(action.closed).toBe(false);
    isFull = false;
    action.schedule('second');

    expect(queue).toEqual([action]);
  });

  describe('with a delay', () => {
    it('should be put in the queue when that is over', () => {
      virtually((clock, flush) => {
        const at: number[] = [];
        const action = new QueuedAction<string>(scheduler, () => undefined);
        action.schedule('late', 7);
        clock.schedule(() => at.push(queue.length), 6);
        clock.schedule(() => at.push(queue.length), 8);
        expect(queue).toEqual([]);
        flush();

        expect(at).toEqual([0, 1]);
        expect(woken).toEqual([action]);
      });
    });

    it('should be put there once, at the last time that was asked for', () => {
      virtually((_clock, flush) => {
        const work = jest.fn<Work<string>>();
        const action = new QueuedAction<string>(scheduler, work);
        action.schedule('first', 5);
        action.schedule('second', 10);
        flush();
        executeAll();

        expect(work.mock.calls).toEqual([['second']]);
      });
    });

    it('should not run at once any more when it’s scheduled for later', () => {
      virtually((_clock, flush) => {
        const work = jest.fn<Work<string>>();
        const action = new QueuedAction<string>(scheduler, work);
        action.schedule('now');
        action.schedule('later', 5);
        executeAll();
        expect(work).not.toHaveBeenCalled();
        flush();
        executeAll();

        expect(work.mock.calls).toEqual([['later']]);
      });
    });

    it('should hold no timer once it was unsubscribed', () => {
      virtually((_clock, flush) => {
        const action = new QueuedAction<void>(scheduler, () => undefined);
        action.schedule(undefined, 5);
        action.unsubscribe();
        flush();

        expect(queue).toEqual([]);
      });
    });
  });

  it('should be a subscription, as RxJS’s own actions are', () => {
    expect(new QueuedAction<void>(scheduler, () => undefined)).toBeInstanceOf(Subscription);
  });
});

describe('executeFenced', () => {
  const { onUnhandledError } = config;

  afterEach(() => {
    config.onUnhandledError = onUnhandledError;
  });

  it('should let what one action throws surface, and nothing else', async () => {
    const surfaced: unknown[] = [];
    config.onUnhandledError = (error) => surfaced.push(error);
    const ran: string[] = [];
    executeFenced({
      execute: () => {
        throw new Error('boom');
      },
    });
    executeFenced({ execute: () => void ran.push('the next one') });
    await new Promise((resolve) => setTimeout(resolve, 5));

    expect(ran).toEqual(['the next one']);
    expect(surfaced).toEqual([expect.objectContaining({ message: 'boom' })]);
  });
});
