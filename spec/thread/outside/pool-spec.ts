import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { config } from 'rxjs';
import { transfer } from '../../../src/task/transfer.js';
import type { ThreadedPayload } from '../../../src/task/threaded-payload.js';
import { type ThreadOptions, toSettings } from '../../../src/thread/options.js';
import { Pool } from '../../../src/thread/outside/pool.js';
import type { Consumer } from '../../properties/thread-consumer.js';
import { type StubLine, endOfTick, toConsumer, toLines, work } from './support.js';

describe('Pool', () => {
  let lines: StubLine[];
  let pool: Pool;

  const toPool = (options: ThreadOptions) => {
    const made = toLines();
    ({ lines } = made);
    const settings = toSettings({ startTimeout: 60_000, idleTimeout: 60_000, ...options });
    pool = new Pool(settings, made.connect);
  };
  /** Asks for a thread, and puts a payload on it once it's admitted. */
  const run = (payload: ThreadedPayload = work.run('a')) => {
    const consumer = toConsumer(payload);
    const execution = {
      consumer,
      closed: false,
      crosses: true,
      isAdmitted: false,
      execute: () => {
        if (execution.closed) return;
        execution.isAdmitted = true;
        // As an attempt does: what can't be entered has crashed.
        try {
          pool.enter(consumer.entry, payload);
        } catch (error) {
          consumer.error(error);
        }
      },
    };
    pool.enqueue(execution);
    return execution;
  };
  const runMany = async (count: number) => {
    const all = Array.from({ length: count }, () => run());
    await endOfTick();
    return all;
  };
  /** Which of them is on which thread, by what it was given. */
  const loads = () => lines.map(({ entered }) => entered.length);
  const overOf = (all: readonly { consumer: Consumer }[]) =>
    all.map(({ consumer }) => consumer.isOver);
  const hello = () => {
    for (const line of lines) line.hello();
  };

  beforeEach(() => {
    lines = [];
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });

  afterEach(async () => {
    const closed = pool.close();
    for (const line of lines) line.die();
    await closed;
    jest.restoreAllMocks();
  });

  it('should start no thread before there is something to run', async () => {
    toPool({ size: 2 });
    await endOfTick();

    expect([lines.length, pool.size]).toEqual([0, 0]);
  });

  it('should admit nothing in the stack of who asks', async () => {
    toPool({ size: 2 });
    const execution = run();
    expect([execution.isAdmitted, lines.length]).toEqual([false, 0]);
    await endOfTick();

    expect([execution.isAdmitted, lines.length]).toEqual([true, 1]);
  });

  it('should start as many threads as there is work for, up to its size', async () => {
    toPool({ size: 3 });
    await runMany(2);
    expect(pool.size).toBe(2);
    await runMany(5);

    expect(pool.size).toBe(3);
  });

  it('should run the next one on the thread that has nothing to do', async () => {
    toPool({ size: 2 });
    const all = await runMany(2);
    hello();
    lines[0]?.finish(1);
    all.push(...(await runMany(1)));

    expect(loads()).toEqual([2, 1]);
    lines[0]?.finish(2);
    expect(overOf(all)).toEqual([true, false, true]);
  });

  it('should let a few wait on a thread ahead of time, and the others here', async () => {
    toPool({ size: 1 });
    const all = await runMany(50);
    const admitted = all.filter(({ isAdmitted }) => isAdmitted).length;

    expect(admitted).toBeGreaterThanOrEqual(1);
    expect(admitted).toBeLessThan(50);
  });

  it('should run all of them in the end, each once', async () => {
    toPool({ size: 2 });
    const all = await runMany(300);
    hello();
    for (let round = 0; round < 400 && overOf(all).includes(false); round++) {
      for (const line of lines) {
        const next = line.entered.find((id) => line.listener.expectsMore && line.take(id));
        if (next !== undefined) line.finish(next);
      }
      await endOfTick();
    }

    expect(all.every(({ consumer }) => consumer.isOver && consumer.items.length === 1)).toBe(true);
    expect(loads().reduce((a, b) => a + b)).toBeGreaterThanOrEqual(300);
  });

  it('should let as many overlap on a thread as may, before it starts another', async () => {
    toPool({ size: 2, overlap: 3 });
    await runMany(3);
    expect(loads()).toEqual([3]);
    await runMany(1);

    expect(loads()).toEqual([3, 1]);
  });

  it('should give what waits on a busy thread to one that has nothing to do', async () => {
    toPool({ size: 2 });
    const all = await runMany(3);
    hello();
    const [busy, idle] = lines[0]!.entered.length === 2 ? lines : [...lines].reverse();
    busy!.take(1);
    idle!.finish(1);
    await endOfTick();

    expect(idle!.entered).toEqual([1, 2]);
    expect(busy!.take(2)).toBe(false);
    idle!.finish(2);
    expect(overOf(all).filter(Boolean)).toHaveLength(2);
  });

  it('should put what moves its arguments on no busy thread, so that it need not move again', async () => {
    toPool({ size: 1 });
    await runMany(1);
    hello();
    lines[0]?.take(1);
    const bytes = new ArrayBuffer(4);
    const moved = run(work.run(transfer(bytes, [bytes])));
    await endOfTick();
    expect([lines[0]?.entered, bytes.byteLength]).toEqual([[1], 4]);
    lines[0]?.finish(1);
    await endOfTick();
    expect(lines[0]?.entered).toEqual([1, 2]);
    lines[0]?.finish(2);

    expect(moved.consumer.items).toEqual(['a']);
  });

  it('should start threads that have died anew, for what they had not taken up', async () => {
    toPool({ size: 1 });
    const all = await runMany(3);
    hello();
    lines[0]?.take(1);
    lines[0]?.die();
    await endOfTick();
    for (let i = 0; i < 6; i++) {
      for (const id of lines[1]?.entered ?? []) {
        if (lines[1]?.listener.expectsMore && lines[1].take(id)) lines[1].finish(id);
      }
      await endOfTick();
    }

    expect(lines).toHaveLength(2);
    expect(all.map(({ consumer }) => consumer.ends[0]?.how)).toEqual([
      'error',
      'complete',
      'complete',
    ]);
  });

  it('should not run what was cancelled as its thread died', async () => {
    toPool({ size: 1 });
    const [first, second] = await runMany(2);
    hello();
    lines[0]?.take(1);
    first!.consumer.onFailure = () => {
      second!.consumer.ask({ type: 'unsubscribe' });
    };
    lines[0]?.die();
    await endOfTick();

    expect(second!.consumer.ends).toEqual([{ how: 'complete' }]);
    expect(lines).toHaveLength(1);
  });

  it('should replace a thread after as many runs as it may have', async () => {
    toPool({ size: 1, maxRuns: 2 });
    const all = await runMany(4);
    hello();
    lines[0]?.finish(1);
    lines[0]?.finish(2);
    await endOfTick();
    expect([lines[0]?.entered, lines[0]?.told.at(-1)]).toEqual([[1, 2], 'close']);
    lines[0]?.die(0);
    await endOfTick();
    lines[1]?.hello();
    lines[1]?.finish(1);
    lines[1]?.finish(2);

    expect(overOf(all)).toEqual([true, true, true, true]);
  });

  it('should let a thread go that has had nothing to run for a while', async () => {
    toPool({ size: 1, idleTimeout: 10 });
    await runMany(1);
    lines[0]?.hello();
    lines[0]?.finish(1);
    expect(lines[0]?.told.at(-1)).toBe('enter 1');
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(lines[0]?.told.at(-1)).toBe('close');
  });

  it('should let nothing that throws as it’s admitted harm the next one', async () => {
    const surfaced: unknown[] = [];
    const { onUnhandledError } = config;
    config.onUnhandledError = (error) => surfaced.push(error);
    toPool({ size: 1 });
    pool.enqueue({
      execute: () => {
        throw new Error('boom');
      },
    });
    const next = run();
    await endOfTick();
    await new Promise((resolve) => setTimeout(resolve, 5));
    config.onUnhandledError = onUnhandledError;

    expect(next.isAdmitted).toBe(true);
    expect(surfaced).toEqual([expect.objectContaining({ message: 'boom' })]);
  });

  describe('with a queue that has an end', () => {
    it('should refuse one more than may run and wait', async () => {
      toPool({ size: 1, maxQueue: 2 });
      await runMany(3);

      expect(() => run()).toThrow(expect.objectContaining({ code: 'ERR_RXVISOR_QUEUE_FULL' }));
    });

    it('should take one more for each that is over', async () => {
      toPool({ size: 1, maxQueue: 1 });
      await runMany(2);
      hello();
      lines[0]?.finish(1);
      expect(() => run()).not.toThrow();

      expect(() => run()).toThrow();
    });

    it('should take one more for each that was cancelled as it waited', async () => {
      toPool({ size: 1, maxQueue: 10 });
      const all = await runMany(11);
      const waiting = all.filter(({ isAdmitted }) => !isAdmitted);
      expect(waiting.length).toBeGreaterThan(2);
      for (const each of waiting) each.closed = true;
      for (const _each of waiting) run();

      expect(() => run()).toThrow();
    });
  });

  it('should not pile up what was cancelled as it waited', async () => {
    toPool({ size: 1 });
    await runMany(1);
    const closedRead = jest.fn();
    for (let i = 0; i < 20_000; i++) {
      pool.enqueue({
        get closed() {
          closedRead();
          return true;
        },
        execute: () => undefined,
      });
    }
    closedRead.mockClear();
    await endOfTick();

    // Most have been let go before it was their turn; they're not even looked at any more.
    expect(closedRead.mock.calls.length).toBeLessThan(10_000);
  });

  describe('a thread beside it', () => {
    it('should be one of those that are alive, and no place for others', async () => {
      toPool({ size: 1 });
      const consumer = toConsumer();
      pool.own().enter(consumer.entry, consumer.payload);
      await runMany(1);

      expect(pool.size).toBe(2);
      expect(loads()).toEqual([1, 1]);
    });
  });

  describe('closing', () => {
    it('should end all threads, and those beside it, and resolve when they’re gone', async () => {
      toPool({ size: 2 });
      await runMany(2);
      const consumer = toConsumer();
      pool.own().enter(consumer.entry, consumer.payload);
      let isClosed = false;
      void pool.close().then(() => (isClosed = true));
      await endOfTick();
      expect(lines.map(({ told }) => told.at(-1))).toEqual(['close', 'close', 'close']);
      expect(isClosed).toBe(false);
      for (const line of lines) line.die(0);
      await endOfTick();

      expect([isClosed, pool.size]).toEqual([true, 0]);
    });

    it('should be done at once when there are none', async () => {
      toPool({ size: 2 });

      await expect(pool.close()).resolves.toBeUndefined();
    });

    it('should start nothing any more, and turn away whatever waits', async () => {
      toPool({ size: 1 });
      const all = await runMany(20);
      hello();
      lines[0]?.take(1);
      const closed = pool.close();
      lines[0]?.die(0);
      await closed;
      await endOfTick();

      expect(all.map(({ consumer }) => consumer.ends.map(({ how }) => how))).toEqual(
        all.map(() => ['error']),
      );
      expect(all.at(-1)?.consumer.ends[0]?.error).toMatchObject({
        code: 'ERR_RXVISOR_RUNNER_STATE',
      });
      expect(() => run()).toThrow(expect.objectContaining({ code: 'ERR_RXVISOR_RUNNER_STATE' }));
      expect(lines).toHaveLength(1);
      expect(pool.size).toBe(0);
    });
  });
});
