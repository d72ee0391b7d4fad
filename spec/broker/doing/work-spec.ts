import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BackendDownError } from '../../../src/errors.js';
import type { Claimed } from '../../../src/broker/jobs/stored-job.js';
import { Work } from '../../../src/broker/doing/work.js';

const POLL = 500;

describe('Work', () => {
  /** What is in the queue. */
  let queue: number[];
  /** How many were asked for, each time. */
  let asked: number[];
  let givenBack: string[];
  let begun: string[];
  let running: Claimed[];
  let failures: unknown[];
  /** How long a claim takes, in ms. */
  let delay: number;
  let fails: boolean;
  /** How large each is, in bytes. */
  let size: number;
  let wasLost: boolean;
  let isLimited: boolean;
  let isOpen: boolean;
  /** What the database says when something is given back, one after the other. */
  let refusals: Error[];
  let work: Work;

  const toWork = (places: number) =>
    new Work(
      {
        isLimited,
        claim: async (most) => {
          asked.push(most);
          await new Promise((resolve) => setTimeout(resolve, delay));
          if (fails) throw new Error('no answer');
          return queue.splice(0, most).map((n) => ({ id: String(n), size, wasLost }) as Claimed);
        },
        giveBack: (claimed) => {
          const refusal = refusals.shift();
          if (refusal) return Promise.reject(refusal);
          for (const { id } of claimed) {
            givenBack.push(id);
            queue.push(Number(id));
          }
          return Promise.resolve();
        },
      },
      places,
      {
        isOpen: () => isOpen,
        begin: (claimed) => {
          begun.push(claimed.id);
          running.push(claimed);
        },
        failed: (error) => failures.push(error),
      },
    );
  /** The one that has run for longest is over. */
  const free = () => {
    const over = running.shift();
    if (over) work.free(over);
  };
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const fill = (count: number) => {
    queue = Array.from({ length: count }, (_, n) => n);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    queue = [];
    asked = [];
    givenBack = [];
    begun = [];
    running = [];
    failures = [];
    delay = 1;
    fails = false;
    size = 200;
    wasLost = false;
    refusals = [];
    isLimited = false;
    isOpen = true;
    work = toWork(2);
  });

  afterEach(async () => {
    void work.stop();
    await pass(10_000);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('should look for work when it begins, and every half a second', async () => {
    work.start();
    await pass(2);
    expect(asked).toEqual([2]);
    await pass(POLL);

    expect(asked).toEqual([2, 2]);
  });

  it('should look at once when it’s told of work, and not twice at a time', async () => {
    work.start();
    await pass(2);
    work.wake();
    work.wake();
    work.wake();
    await pass(2);

    expect(asked).toEqual([2, 2, 2]);
  });

  it('should begin no more than there are places for, and the others as places are free', async () => {
    fill(3);
    work.start();
    await pass(5);
    expect(begun).toEqual(['0', '1']);
    free();
    await pass(5);

    expect(begun).toEqual(['0', '1', '2']);
  });

  it('should ask for nothing when there’s no place', async () => {
    fill(2);
    work.start();
    await pass(5);
    const before = asked.length;
    await pass(POLL * 3);

    expect(asked).toHaveLength(before);
  });

  it('should claim ahead of time when jobs are short', async () => {
    fill(100);
    work.start();
    for (let ms = 0; ms < 200 && begun.length < 100; ms++) {
      await pass(1);
      while (running.length > 0) free();
    }

    expect(begun).toHaveLength(100);
    expect(Math.max(...asked)).toBeGreaterThan(8);
    expect(asked.length).toBeLessThan(30);
  });

  it('should claim fewer ahead of time when they are large', async () => {
    size = 1_000_000;
    fill(100);
    work.start();
    for (let ms = 0; ms < 1_000 && begun.length < 100; ms++) {
      await pass(1);
      while (running.length > 0) free();
    }

    expect(begun).toHaveLength(100);
    // Two places, and four million bytes that may wait.
    expect(Math.max(...asked)).toBeGreaterThan(2);
    expect(Math.max(...asked)).toBeLessThanOrEqual(6);
  });

  it('should ask for no more than 500 at once, and for the next ones while those are done', async () => {
    fill(5_000);
    work.start();
    for (let ms = 0; ms < 200 && begun.length < 5_000; ms++) {
      await pass(1);
      for (let n = 0; n < 100; n++) free();
    }

    expect(begun).toHaveLength(5_000);
    expect(Math.max(...asked)).toBe(500);
    expect(givenBack).toEqual([]);
  });

  it('should ask for fewer at once when they take long to come', async () => {
    fill(100_000);
    work = toWork(400);
    delay = 3_000;
    work.start();
    for (let ms = 0; ms < 13_000; ms += 10) {
      await pass(10);
      while (running.length > 0) free();
    }
    expect(asked).toEqual([400, 200, 100, 50, 25]);
    delay = 1;
    await pass(3_000);
    while (running.length > 0) free();
    await pass(50);

    expect(Math.max(...asked.slice(5))).toBeGreaterThan(100);
  });

  it('should claim nothing ahead of time while one is done whose machine was lost', async () => {
    wasLost = true;
    fill(100);
    work.start();
    for (let ms = 0; ms < 500 && begun.length < 100; ms++) {
      await pass(1);
      free();
    }

    expect(begun).toHaveLength(100);
    expect(Math.max(...asked)).toBe(2);
  });

  it('should claim nothing ahead of time when others may have to wait for it', async () => {
    isLimited = true;
    work = toWork(2);
    fill(100);
    work.start();
    for (let ms = 0; ms < 500 && begun.length < 100; ms++) {
      await pass(1);
      while (running.length > 0) free();
    }

    expect(begun).toHaveLength(100);
    expect(Math.max(...asked)).toBe(2);
    expect(givenBack).toEqual([]);
  });

  it('should claim nothing ahead of time when jobs are long', async () => {
    fill(100);
    work.start();
    for (let n = 0; n < 20; n++) {
      await pass(50);
      free();
    }
    await pass(POLL);

    expect(Math.max(...asked)).toBe(2);
    expect(givenBack).toEqual([]);
  });

  it('should give back what has waited here for long', async () => {
    fill(100);
    work.start();
    await pass(2);
    free();
    free();
    await pass(5);
    expect(givenBack).toEqual([]);
    const begunBefore = begun.length;
    await pass(POLL * 2);

    expect(begun).toHaveLength(begunBefore);
    expect(givenBack.length).toBeGreaterThan(0);
    expect(queue).toHaveLength(100 - begunBefore);
  });

  it('should give back what waits when it stops, and what is being claimed', async () => {
    fill(10);
    delay = 50;
    work.start();
    await pass(10);
    let isStopped = false;
    void work.stop().then(() => (isStopped = true));
    await pass(10);
    expect(isStopped).toBe(false);
    await pass(50);

    expect(isStopped).toBe(true);
    expect(begun).toEqual([]);
    expect(givenBack).toEqual(['0', '1']);
    await pass(POLL * 3);
    expect(asked).toEqual([2]);
  });

  it('should give back once more what was refused', async () => {
    fill(10);
    refusals = [new Error('could not serialize access')];
    delay = 50;
    work.start();
    await pass(10);
    void work.stop();
    await pass(60);

    expect(givenBack).toEqual(['0', '1']);
    expect(failures).toEqual([]);
  });

  it('should not give back again what may be somebody else’s: the answer was lost', async () => {
    fill(10);
    const lost = new BackendDownError('the connection broke', { isPassing: true });
    refusals = [lost];
    delay = 50;
    work.start();
    await pass(10);
    void work.stop();
    await pass(60);

    expect(givenBack).toEqual([]);
    expect(failures).toEqual([lost]);
  });

  it('should go on when the database doesn’t answer, and say so', async () => {
    fill(1);
    fails = true;
    work.start();
    await pass(5);
    expect(failures).toHaveLength(1);
    fails = false;
    await pass(POLL);

    expect(begun).toEqual(['0']);
  });

  it('should begin none that has waited until it may be another’s, since a job kept the thread busy', async () => {
    work.start();
    fill(10);
    work.wake();
    await pass(2);
    free();
    await pass(2);
    const [before, waiting] = [begun.length, 10 - begun.length - queue.length];
    jest.setSystemTime(Date.now() + 11_000);
    free();
    const after = begun.length;
    await pass(0);

    expect(waiting).toBeGreaterThan(0);
    expect(after).toBe(before);
    expect(givenBack).toHaveLength(waiting);
  });

  it('should claim nothing while nothing can be begun, and give back what waits', async () => {
    fill(100);
    work = toWork(2);
    work.start();
    await pass(1);
    for (let n = 0; n < 4; n++) {
      free();
      await pass(0.1);
    }
    isOpen = false;
    const claims = asked.length;
    while (running.length > 0) free();
    const was = begun.length;
    await pass(600);

    expect(asked.length).toBeLessThanOrEqual(claims + 1);
    expect(begun.length).toBe(was);
    expect(queue.length + begun.length).toBe(100);
    isOpen = true;
    await pass(600);
    expect(begun.length).toBe(was + 2);
  });
});
