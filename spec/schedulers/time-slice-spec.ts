import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { TimeSlice } from '../../src/schedulers/time-slice.js';

const LENGTH = 5;

/** Holds the event loop up. */
function burn(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Resolves in a later turn of the event loop: the first immediate may still be in this one. */
const nextTurn = () =>
  new Promise<void>((resolve) =>
    setImmediate(() =>
      setImmediate(() => {
        resolve();
      }),
    ),
  );

/** A slice that has been opened in a turn of the event loop of its own. */
async function open(): Promise<TimeSlice> {
  await nextTurn();
  const slice = new TimeSlice(LENGTH);
  slice.isOver();
  return slice;
}

describe('TimeSlice', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('should not be over when it begins', async () => {
    await nextTurn();

    expect(new TimeSlice(LENGTH).isOver()).toBe(false);
  });

  it('should be over when the event loop has been held up for its length', async () => {
    const slice = await open();

    burn(LENGTH * 4);

    expect(slice.isOver()).toBe(true);
  });

  it('should begin anew when it was over', async () => {
    const slice = await open();
    burn(LENGTH * 4);
    slice.isOver();

    expect(slice.isOver()).toBe(false);
    burn(LENGTH * 4);
    expect(slice.isOver()).toBe(true);
  });

  it('should be over after microtasks too: they do not turn the event loop', async () => {
    const slice = await open();

    for (let i = 0; i < 20; i++) {
      burn(1);
      await Promise.resolve();
    }

    expect(slice.isOver()).toBe(true);
  });

  it('should not be over when the event loop has turned, however long that took', async () => {
    const slice = await open();

    burn(LENGTH * 4);
    await nextTurn();

    expect(slice.isOver()).toBe(false);
  });

  it('should not be over when it is asked for the first time in this turn', async () => {
    await nextTurn();
    const slice = new TimeSlice(LENGTH);
    burn(LENGTH * 4);

    expect(slice.isOver()).toBe(false);
  });

  it('should have the clock as it was read when it was last asked', async () => {
    await nextTurn();
    jest.useFakeTimers();
    const slice = new TimeSlice(LENGTH);

    slice.isOver();
    expect(slice.clock).toBe(Date.now());
    jest.advanceTimersByTime(1_000);
    expect(slice.clock).toBe(Date.now() - 1_000);
    slice.isOver();

    expect(slice.clock).toBe(Date.now());
  });

  it('should never be over in virtual time, however much real time passes', () => {
    new TestScheduler(() => undefined).run(() => {
      const slice = new TimeSlice(LENGTH);
      for (let i = 0; i < 3; i++) {
        expect(slice.isOver()).toBe(false);
        burn(LENGTH * 2);
      }
    });
  });

  it('should not be over when only a fake clock has moved', async () => {
    await nextTurn();
    jest.useFakeTimers();
    const slice = new TimeSlice(LENGTH);
    slice.isOver();

    jest.advanceTimersByTime(1_000);

    expect(slice.isOver()).toBe(false);
  });

  it('should not be over, nor stick, when the wall clock goes back (PITFALLS A19)', async () => {
    const slice = await open();
    const real = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000);

    expect(slice.isOver()).toBe(false);
    burn(LENGTH * 4);
    expect(slice.isOver()).toBe(true);
  });

  it('should not be over, nor stick, when the wall clock jumps ahead (PITFALLS A19)', async () => {
    const slice = await open();
    const real = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000);

    expect(slice.isOver()).toBe(false);
    burn(LENGTH * 4);
    expect(slice.isOver()).toBe(true);
  });
});
