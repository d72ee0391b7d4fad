import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IdleWatch } from '../../../src/thread/outside/idle-watch.js';
import type { Thread } from '../../../src/thread/outside/thread.js';

interface Stub {
  load: number;
  isLeaving: boolean;
  pace: { lastHeard: number };
  close: jest.Mock<() => Promise<void>>;
}

const toThread = (load = 0): Stub => {
  const stub: Stub = {
    load,
    isLeaving: false,
    pace: { lastHeard: 0 },
    close: jest.fn(() => {
      stub.isLeaving = true;
      return Promise.resolve();
    }),
  };
  return stub;
};

const IDLE = 30;

describe('IdleWatch', () => {
  const watches: IdleWatch[] = [];
  const toWatch = (threads: readonly Stub[], timeout = IDLE) => {
    const watch = new IdleWatch(timeout, threads as unknown as readonly Thread[]);
    watches.push(watch);
    const idle = (thread: Stub) => {
      thread.pace.lastHeard = performance.now();
      watch.idle();
    };
    return { idle, watch };
  };

  afterEach(() => {
    for (const watch of watches.splice(0)) watch.stop();
  });

  it('should let a thread go that has had nothing to run for as long as that', async () => {
    const thread = toThread();
    const { idle } = toWatch([thread]);
    idle(thread);
    expect(thread.close).not.toHaveBeenCalled();
    await sleep(IDLE * 4);

    expect(thread.close).toHaveBeenCalledTimes(1);
  });

  it('should keep one that has something to run again', async () => {
    const thread = toThread();
    const { idle } = toWatch([thread]);
    idle(thread);
    thread.load = 1;
    await sleep(IDLE * 4);

    expect(thread.close).not.toHaveBeenCalled();
  });

  it('should let each go in its own time, with one timer for all', async () => {
    const [early, late] = [toThread(), toThread()];
    const { idle } = toWatch([early, late], 150);
    idle(early);
    await sleep(100);
    idle(late);
    await sleep(80);
    expect([early.isLeaving, late.isLeaving]).toEqual([true, false]);
    await sleep(400);

    expect(late.close).toHaveBeenCalledTimes(1);
  });

  it('should watch again after it has let all go', async () => {
    const first = toThread();
    const threads = [first];
    const { idle } = toWatch(threads);
    idle(first);
    await sleep(IDLE * 4);
    const second = toThread();
    threads.splice(0, 1, second);
    idle(second);
    await sleep(IDLE * 4);

    expect(second.close).toHaveBeenCalledTimes(1);
  });

  it('should let none go once it’s stopped', async () => {
    const thread = toThread();
    const { idle, watch } = toWatch([thread]);
    idle(thread);
    watch.stop();
    await sleep(IDLE * 4);

    expect(thread.close).not.toHaveBeenCalled();
  });
});
