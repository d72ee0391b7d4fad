import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { TimeSlice } from '../../src/schedulers/time-slice.js';

const LENGTH = 5;

/** Resolves in a later turn of the event loop: the first immediate may still be in this one. */
const nextTurn = () =>
  new Promise<void>((resolve) =>
    setImmediate(() =>
      setImmediate(() => {
        resolve();
      }),
    ),
  );

describe('TimeSlice', () => {
  /** The two clocks that a slice compares. */
  let wallClock: number;
  let sinceStart: number;
  let slice: TimeSlice;

  beforeEach(async () => {
    await nextTurn();
    wallClock = Date.now();
    sinceStart = performance.now();
    jest.spyOn(Date, 'now').mockImplementation(() => wallClock);
    jest.spyOn(performance, 'now').mockImplementation(() => sinceStart);
    slice = new TimeSlice(LENGTH);
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Time passes, for whatever reason, and the event loop doesn't turn. */
  const holdUp = (ms: number) => {
    wallClock += ms;
    sinceStart += ms;
  };

  it('should not be over when it begins', () => {
    expect(slice.isOver()).toBe(false);
  });

  it('should be over when the event loop has been held up for exactly its length', () => {
    slice.isOver();

    holdUp(LENGTH - 1);
    expect(slice.isOver()).toBe(false);
    holdUp(1);
    expect(slice.isOver()).toBe(true);
  });

  it('should begin anew when it was over', () => {
    slice.isOver();
    holdUp(LENGTH);
    slice.isOver();

    expect(slice.isOver()).toBe(false);
    holdUp(LENGTH - 1);
    expect(slice.isOver()).toBe(false);
    holdUp(1);
    expect(slice.isOver()).toBe(true);
  });

  it('should be over after microtasks too: they do not turn the event loop', async () => {
    slice.isOver();

    for (let i = 0; i < LENGTH; i++) {
      holdUp(1);
      await Promise.resolve();
    }

    expect(slice.isOver()).toBe(true);
  });

  it('should not be over when the event loop has turned, however long that took', async () => {
    slice.isOver();

    holdUp(LENGTH * 4);
    await nextTurn();

    expect(slice.isOver()).toBe(false);
  });

  it('should not be over when it is asked for the first time in this turn', () => {
    holdUp(LENGTH * 4);

    expect(slice.isOver()).toBe(false);
  });

  it('should have the clock as it was read when it was last asked', () => {
    slice.isOver();
    expect(slice.clock).toBe(wallClock);
    holdUp(1_000);
    expect(slice.clock).toBe(wallClock - 1_000);
    slice.isOver();

    expect(slice.clock).toBe(wallClock);
  });

  it('should never be over in virtual time, however much real time passes', () => {
    slice.isOver();

    new TestScheduler(() => undefined).run(() => {
      for (let i = 0; i < 3; i++) {
        holdUp(LENGTH * 2);
        expect(slice.isOver()).toBe(false);
      }
    });
  });

  it('should never be over in virtual time, however much virtual time passes', () => {
    slice.isOver();
    const seen: boolean[] = [];

    new TestScheduler(() => undefined).run(({ cold }) => {
      cold('a 999ms b 999ms c').subscribe(() => seen.push(slice.isOver()));
    });

    expect(seen).toEqual([false, false, false]);
  });

  it('should never be over in virtual time, also when as much virtual as real time passes', () => {
    slice.isOver();
    const seen: boolean[] = [];

    new TestScheduler(() => undefined).run(({ cold }) => {
      cold('a 9ms b 9ms c').subscribe(() => {
        seen.push(slice.isOver());
        holdUp(10);
      });
    });

    expect(seen).toEqual([false, false, false]);
  });

  it('should not be over when a fake clock has moved, and the real one has not', () => {
    slice.isOver();

    wallClock += 1_000;

    expect(slice.isOver()).toBe(false);
  });

  it.each([
    ['put back', -3_600_000],
    ['put forward', 3_600_000],
  ])('should not stick when the wall clock is %s (PITFALLS A19)', (_title, by) => {
    slice.isOver();

    wallClock += by;
    slice.isOver();

    holdUp(LENGTH - 1);
    expect(slice.isOver()).toBe(false);
    holdUp(1);
    expect(slice.isOver()).toBe(true);
  });
});

describe('TimeSlice in real time', () => {
  it('should be over sooner or later when nothing else gets its turn', async () => {
    await nextTurn();
    const slice = new TimeSlice(LENGTH);
    const deadline = performance.now() + 10_000;

    while (!slice.isOver()) if (performance.now() > deadline) break;

    expect(performance.now()).toBeLessThan(deadline);
  }, 30_000);
});
