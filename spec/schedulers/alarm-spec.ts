import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type SchedulerLike, VirtualTimeScheduler, asyncScheduler, queueScheduler } from 'rxjs';
import { Alarm, LONGEST_DELAY } from '../../src/schedulers/alarm.js';
import { asap } from '../../src/schedulers/asap-scheduler.js';

describe('Alarm', () => {
  let virtual: VirtualTimeScheduler;
  let scheduled: number[];
  let alarm: Alarm;
  let seen: [name: string, at: number][];

  beforeEach(() => {
    virtual = new VirtualTimeScheduler();
    scheduled = [];
    alarm = new Alarm(counting(virtual, scheduled));
    seen = [];
  });

  const note = (name: string) => () => {
    seen.push([name, virtual.now()]);
  };

  it('should hold no timer before it is set', () => {
    expect(scheduled).toEqual([]);
  });

  it('should wake at exactly the time', () => {
    alarm.in(1_000, note('a'));
    alarm.in(0, note('b'));
    alarm.in(999, note('c'));

    expect(seen).toEqual([]);
    virtual.flush();

    expect(seen).toEqual([
      ['b', 0],
      ['c', 999],
      ['a', 1_000],
    ]);
  });

  it('should wake many that are due together in the order in which they were set, with one timer', () => {
    for (const name of ['a', 'b', 'c']) alarm.in(10, note(name));

    virtual.flush();

    expect(scheduled).toEqual([10]);
    expect(seen).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 10],
    ]);
  });

  it('should wake each once', () => {
    const wake = jest.fn();
    alarm.in(10, wake);
    alarm.in(10, wake);
    alarm.in(20, wake);

    virtual.flush();
    virtual.flush();

    expect(wake).toHaveBeenCalledTimes(3);
  });

  it('should wake at the right time what is set while another waits', () => {
    alarm.in(10, note('a'));
    virtual.schedule(() => alarm.in(10, note('b')), 5);
    virtual.schedule(() => alarm.in(5, note('c')), 5);

    virtual.flush();

    expect(seen.map(([name, at]) => `${name} ${at}`).sort()).toEqual(['a 10', 'b 15', 'c 10']);
  });

  it('should wake later what is set while it wakes, also for no time at all', () => {
    alarm.in(10, () => {
      seen.push(['a', virtual.now()]);
      alarm.in(0, note('c'));
      alarm.in(10, note('d'));
    });
    alarm.in(10, note('b'));

    virtual.flush();

    expect(seen).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 10],
      ['d', 20],
    ]);
  });

  it('should wake again and again for no time at all, also when the clock stands still', () => {
    let left = 5;
    const again = () => {
      seen.push(['a', virtual.now()]);
      if (--left > 0) alarm.in(0, again);
    };

    alarm.in(0, again);
    virtual.flush();

    expect(seen).toEqual(Array.from({ length: 5 }, () => ['a', 0]));
  });

  it('should wake what is set when all of that time have been woken, and the clock stands still', () => {
    alarm.in(0, note('a'));
    virtual.flush();
    alarm.in(0, note('b'));
    virtual.flush();

    expect(seen).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });

  it('should not wake what was called off', () => {
    const calledOff = alarm.in(10, note('a'));
    alarm.in(10, note('b'));

    calledOff.unsubscribe();
    virtual.flush();

    expect(seen).toEqual([['b', 10]]);
  });

  it('should not wake a sibling that one before it calls off', () => {
    alarm.in(10, () => {
      seen.push(['a', virtual.now()]);
      b.unsubscribe();
    });
    const b = alarm.in(10, note('b'));
    alarm.in(10, note('c'));

    virtual.flush();

    expect(seen).toEqual([
      ['a', 10],
      ['c', 10],
    ]);
  });

  it('should not mind being called off twice, late, by itself, or by the last of its time', () => {
    const a = alarm.in(10, () => {
      seen.push(['a', virtual.now()]);
      a.unsubscribe();
      b.unsubscribe();
    });
    const b = alarm.in(10, note('b'));
    const c = alarm.in(5, note('c'));
    c.unsubscribe();
    c.unsubscribe();

    virtual.flush();
    a.unsubscribe();
    alarm.in(10, note('d'));
    b.unsubscribe();
    virtual.flush();

    expect(seen).toEqual([
      ['a', 10],
      ['d', 20],
    ]);
  });

  it('should not let one that is called off late take another of the same time along', () => {
    const a = alarm.in(10, note('a'));
    a.unsubscribe();
    alarm.in(10, note('b'));
    a.unsubscribe();

    virtual.flush();

    expect(seen).toEqual([['b', 10]]);
  });

  it.each([LONGEST_DELAY, LONGEST_DELAY + 1, Number.MAX_VALUE, Infinity])(
    'should wait as long as a timer can for %d, not 1 ms (PITFALLS B11)',
    (delay) => {
      alarm.in(delay, note('a'));
      virtual.flush();

      expect(LONGEST_DELAY).toBe(2_147_483_647);
      expect(scheduled).toEqual([LONGEST_DELAY]);
      expect(seen).toEqual([['a', LONGEST_DELAY]]);
    },
  );

  it.each([0, 5])(
    'should never wake in the caller’s stack, also where the scheduler would, after %d (PITFALLS A27)',
    async (delay) => {
      let inside = true;
      const woken = new Promise<boolean>((resolve) => {
        new Alarm(queueScheduler).in(delay, () => {
          resolve(inside);
        });
      });
      inside = false;

      await expect(woken).resolves.toBe(false);
    },
  );

  it('should call off also what such a scheduler has already run', async () => {
    const wake = jest.fn();

    new Alarm(queueScheduler).in(0, wake).unsubscribe();
    await new Promise((resolve) => asap.schedule(resolve));

    expect(wake).not.toHaveBeenCalled();
  });

  it('should neither wake too early nor too late when the clock is put back or forward (PITFALLS A19)', () => {
    const wallClock = new WallClock();
    const moving = new Alarm(wallClock);
    const note = (name: string) => () => {
      seen.push([name, wallClock.frame]);
    };
    moving.in(1_000, note('a'));
    wallClock.skew = -500;
    moving.in(1_500, note('b')); // the same reading of the clock, 500 ms later
    wallClock.skew = 500;
    moving.in(500, note('c')); // the same again, 500 ms earlier
    wallClock.skew = 0;
    moving.in(1_000, note('d'));

    wallClock.flush();

    expect(Object.fromEntries(seen)).toEqual({ a: 1_000, b: 1_500, c: 500, d: 1_000 });
  });

  it('should take one timer for ten thousand that wait for the same time', () => {
    let woken = 0;
    for (let i = 0; i < 10_000; i++) alarm.in(1_000, () => woken++);

    expect(scheduled).toEqual([1_000]);
    virtual.flush();
    expect(woken).toBe(10_000);
  });

  describe('on timers of Node', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });

    afterEach(() => {
      jest.useRealTimers();
    });

    it('should leave no timer when the last one of its time is called off', () => {
      const real = new Alarm(asyncScheduler);
      const a = real.in(1_000, note('a'));
      const b = real.in(1_000, note('b'));
      expect(jest.getTimerCount()).toBe(1);

      a.unsubscribe();
      expect(jest.getTimerCount()).toBe(1);
      b.unsubscribe();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('should leave no timer when all have been woken', () => {
      const real = new Alarm(asyncScheduler);
      for (const delay of [0, 1, 10, 10]) real.in(delay, note('a'));

      jest.advanceTimersByTime(10);

      expect(seen).toHaveLength(4);
      expect(jest.getTimerCount()).toBe(0);
    });
  });
});

/** Virtual time whose clock can be put back and forward, as a wall clock can. */
class WallClock extends VirtualTimeScheduler {
  skew = 0;
  override now = () => this.frame + this.skew;
}

/** The scheduler, with a list of the delays that were asked of it. */
function counting(scheduler: SchedulerLike, delays: number[]): SchedulerLike {
  return {
    now: () => scheduler.now(),
    schedule: (...args: Parameters<SchedulerLike['schedule']>) => {
      delays.push(args[1] ?? 0);
      return scheduler.schedule(...args);
    },
  };
}
