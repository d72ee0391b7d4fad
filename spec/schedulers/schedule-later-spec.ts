import { describe, expect, it, jest } from '@jest/globals';
import { type SchedulerLike, VirtualTimeScheduler, asapScheduler, queueScheduler } from 'rxjs';
import { asap } from '../../src/schedulers/asap-scheduler.js';
import { scheduleLater } from '../../src/schedulers/schedule-later.js';
import { makeDeaf } from '../runner/support.js';

/** Resolves when all that is queued now has run, ours and RxJS's own. */
const drained = async () => {
  await new Promise((resolve) => asap.schedule(resolve));
  await new Promise((resolve) => asapScheduler.schedule(resolve));
};

describe('scheduleLater', () => {
  it.each<[string, SchedulerLike]>([
    ['asap', asap],
    ['asapScheduler', asapScheduler],
    ['queueScheduler, which would run it inside (PITFALLS A27)', queueScheduler],
  ])('should run work once and never in the caller’s stack: %s', async (_name, scheduler) => {
    const work = jest.fn();

    scheduleLater(scheduler, 0, work);
    expect(work).not.toHaveBeenCalled();
    await drained();

    expect(work).toHaveBeenCalledTimes(1);
  });

  it.each<[string, SchedulerLike]>([
    ['asap', asap],
    ['asapScheduler', asapScheduler],
    ['queueScheduler', queueScheduler],
  ])('should run nothing once it is unsubscribed: %s', async (_name, scheduler) => {
    const work = jest.fn();

    scheduleLater(scheduler, 0, work).unsubscribe();
    await drained();

    expect(work).not.toHaveBeenCalled();
  });

  it('should run nothing once it is unsubscribed, when the scheduler cannot take its work back', () => {
    const { scheduler, flush } = makeDeaf();
    const [kept, taken] = [jest.fn(), jest.fn()];

    scheduleLater(scheduler, 0, kept);
    scheduleLater(scheduler, 0, taken).unsubscribe();
    flush();

    expect(kept).toHaveBeenCalledTimes(1);
    expect(taken).not.toHaveBeenCalled();
  });

  it('should keep to the delay', () => {
    const virtual = new VirtualTimeScheduler();
    const seen: number[] = [];

    scheduleLater(virtual, 7, () => seen.push(virtual.now()));
    virtual.flush();

    expect(seen).toEqual([7]);
  });

  it('should pass on what the scheduler throws', () => {
    const error = new Error('no schedule');
    const scheduler = {
      now: () => 0,
      schedule: () => {
        throw error;
      },
    };

    expect(() => scheduleLater(scheduler, 0, () => undefined)).toThrow(error);
  });
});
