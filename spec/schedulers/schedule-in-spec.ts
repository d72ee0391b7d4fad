import { describe, expect, it, jest } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { scheduleEvery, scheduleIn } from '../../src/schedulers/schedule-in.js';

const DAY = 86_400_000;

describe('scheduleIn', () => {
  it.each([0, 5, 2 ** 31 - 1, 2 ** 31, 30 * DAY, 400 * DAY])(
    'should call back once, after %i ms, and by no timer that is too long for Node',
    (delay) => {
      const scheduler = new VirtualTimeScheduler();
      const schedule = jest.spyOn(scheduler, 'schedule');
      const at: number[] = [];
      scheduleIn(delay, () => at.push(scheduler.now()), scheduler);
      scheduler.flush();

      expect(at).toEqual([delay]);
      for (const [, wait] of schedule.mock.calls) expect(wait).toBeLessThan(2 ** 31);
    },
  );

  it('should never call back after Infinity, and keep nothing waiting', () => {
    const scheduler = new VirtualTimeScheduler();
    const schedule = jest.spyOn(scheduler, 'schedule');
    scheduleIn(Infinity, () => undefined, scheduler).unsubscribe();

    expect(schedule).not.toHaveBeenCalled();
  });

  it('should be called off, also between two timers', () => {
    const scheduler = new VirtualTimeScheduler(undefined, 2 ** 31);
    const work = jest.fn();
    const scheduled = scheduleIn(60 * DAY, work, scheduler);
    scheduler.flush();
    scheduled.unsubscribe();
    scheduler.maxFrames = Infinity;
    scheduler.flush();

    expect(work).not.toHaveBeenCalled();
  });
});

describe('scheduleEvery', () => {
  it('should call back again and again, the first time when it is told, until it is called off', () => {
    jest.useFakeTimers();
    let count = 0;
    const first = scheduleEvery(100, () => count++, 10);
    jest.advanceTimersByTime(10);
    expect(count).toBe(1);
    jest.advanceTimersByTime(299);
    expect(count).toBe(3);
    first.unsubscribe();
    const second = scheduleEvery(100, () => count++);
    jest.advanceTimersByTime(99);
    expect(count).toBe(3);
    jest.advanceTimersByTime(1);
    second.unsubscribe();
    jest.advanceTimersByTime(1_000);

    expect(count).toBe(4);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});
