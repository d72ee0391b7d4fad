import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { transfer } from '../../../src/task/transfer.js';
import { decodeError } from '../../../src/thread/error-codec.js';
import { Speaker } from '../../../src/thread/inside/speaker.js';
import { isBatch } from '../../../src/thread/outbox.js';
import {
  COMPLETED,
  EXITING,
  FAILED,
  type FromThread,
  HELLO,
  LOADED,
  OVER,
  READY,
  REFUSED,
  RESULT,
  VALUES,
} from '../../../src/thread/protocol.js';

const boom = new Error('boom');
const bad = () => 'a function';
const NAMES: Record<number, string> = {
  [HELLO]: 'hello',
  [LOADED]: 'loaded',
  [READY]: 'ready',
  [VALUES]: 'values',
  [COMPLETED]: 'completed',
  [FAILED]: 'failed',
  [OVER]: 'over',
  [RESULT]: 'result',
  [REFUSED]: 'refused',
  [EXITING]: 'exiting',
};

const endOfTick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Speaker', () => {
  let posted: FromThread[][];
  let lists: unknown[];
  /** Whose attempt is open still: it fails for what can't be cloned. */
  let open: Set<number>;
  let speaker: Speaker;

  beforeEach(() => {
    // No time passes: what may wait for the end of the tick does.
    jest.spyOn(performance, 'now').mockReturnValue(0);
    posted = [];
    lists = [];
    open = new Set();
    speaker = new Speaker(
      (said, list) => {
        structuredClone(said);
        posted.push(isBatch(said) ? [...said] : [said]);
        lists.push(...list);
      },
      (id, error) => {
        if (!open.has(id)) return false;
        speaker.failed(id, error);
        return true;
      },
    );
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** All that was posted, in words: `values 1 a b`. */
  const course = () =>
    posted.flat().map(([kind, ...more]) => {
      const [id, what] = more as [unknown, unknown];
      if (kind === VALUES) return `values ${String(id)} ${(what as unknown[]).join(' ')}`;
      if (kind === RESULT) return `result ${String(id)} ${String(what)}`;
      return [NAMES[kind], ...(more.length > 0 ? [String(id)] : [])].join(' ');
    });

  it('should put the values of an attempt together that come in one tick', async () => {
    speaker.value(1, 'a');
    speaker.value(1, 'b');
    await endOfTick();

    expect(course()).toEqual(['values 1 a b']);
  });

  it('should keep the order of several attempts', async () => {
    speaker.value(1, 'a');
    speaker.value(2, 'b');
    speaker.value(1, 'c');
    await endOfTick();

    expect(course()).toEqual(['values 1 a', 'values 2 b', 'values 1 c']);
  });

  it('should not hold back more than a few dozen', () => {
    for (let value = 0; value < 1_000; value++) speaker.value(1, value);

    expect(posted.flat().length).toBeGreaterThan(10);
    speaker.flush();
  });

  it('should tell ends at once, after what came before', () => {
    speaker.value(1, 'a');
    speaker.completed(1);
    speaker.over(1, []);
    speaker.result(2, 'b');
    speaker.ready(3);

    expect(course()).toEqual(['values 1 a', 'completed 1', 'over 1', 'result 2 b', 'ready 3']);
  });

  it('should tell failures, and those of teardowns, as what they are', () => {
    speaker.failed(1, boom);
    speaker.over(1, ['second', boom]);
    const [failed, over] = posted.flat();

    expect([failed?.[0], decodeError(failed?.[2] as never)]).toEqual([FAILED, boom]);
    expect((over?.[2] as never[]).map(decodeError)).toEqual(['second', boom]);
  });

  it('should tell the ordinary end of what was cancelled without an error', () => {
    const reason = Object.freeze({ type: 'unsubscribe' } as const);
    speaker.failed(1, reason, reason);
    speaker.failed(2, new DOMException('stopped', 'AbortError'), reason);
    speaker.failed(3, boom, reason);
    speaker.flush();

    expect(posted.flat().map(([, id, error]) => [id, error === undefined])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
  });

  it('should move values, in order', () => {
    const [one, two] = [new ArrayBuffer(1), new ArrayBuffer(2)];
    speaker.value(1, 'a');
    speaker.value(1, transfer('b', [one]));
    speaker.value(1, 'c');
    speaker.result(2, transfer('d', [two]));

    expect(course()).toEqual(['values 1 a', 'values 1 b', 'values 1 c', 'result 2 d']);
    expect(lists).toEqual([one, two]);
  });

  describe('with a value that can’t be cloned', () => {
    it('should send those before it, and fail the attempt with it', async () => {
      open.add(1);
      speaker.value(1, 'a');
      speaker.value(1, bad);
      speaker.value(1, 'c');
      await endOfTick();
      await endOfTick();

      expect(course()).toEqual(['values 1 a', 'failed 1']);
    });

    it('should do no harm to the others', async () => {
      open.add(1);
      speaker.value(2, 'a');
      speaker.value(1, bad);
      speaker.say([LOADED, true]);
      speaker.value(2, 'b');
      speaker.over(2, []);
      await endOfTick();

      expect(course()).toEqual(['values 2 a', 'loaded true', 'values 2 b', 'over 2', 'failed 1']);
    });

    it('should let last words through, whatever their number', async () => {
      open.add(3);
      speaker.value(3, bad);
      speaker.say([EXITING, 3]);
      await endOfTick();
      await endOfTick();

      expect(course()).toContain('exiting 3');
    });

    it('should tell instead of its end that it was refused, when it’s over already', () => {
      speaker.result(1, bad);

      expect(course()).toEqual(['refused 1', 'over 1']);
      expect(decodeError(posted.flat()[0]?.[2] as never)).toMatchObject({ name: 'DataCloneError' });
    });

    it('should tell the errors of its teardown all the same', () => {
      speaker.value(1, bad);
      speaker.completed(1);
      speaker.over(1, [boom]);

      expect(course()).toEqual(['refused 1', 'over 1']);
      expect((posted.flat()[1]?.[2] as never[]).map(decodeError)).toEqual([boom]);
    });

    it('should tell it also when another failure has been told that came later', () => {
      open.add(1);
      speaker.value(1, bad);
      // As an attempt does, it tells of one failure only.
      speaker.failed(1, boom);
      open.delete(1);
      speaker.flush();

      expect(course()).toEqual(['refused 1']);
    });

    it('should let nothing come after it, moved or not', () => {
      open.add(1);
      speaker.value(1, bad);
      speaker.value(1, transfer('b', [new ArrayBuffer(1)]));
      speaker.flush();

      expect(course()).toEqual(['failed 1']);
    });

    it('should refuse a value that is moved and can’t be', () => {
      open.add(1);
      speaker.value(1, transfer(bad, []));
      speaker.flush();

      expect(course()).toEqual(['failed 1']);
    });
  });
});
