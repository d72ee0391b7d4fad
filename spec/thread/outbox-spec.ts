import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Outbox, type Refused, isBatch } from '../../src/thread/outbox.js';
import type { Transferable } from '../../src/task/transfer.js';

type Message = readonly [kind: number, ...unknown[]];

/** Resolves when whatever is done at the end of this tick is done. */
const endOfTick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Outbox', () => {
  let now: number;
  /** What has been posted: as a list of messages, whether or not they came as a batch. */
  let posted: (readonly Message[])[];
  let lists: (readonly Transferable[])[];
  let refused: jest.Mock<Refused<Message>>;
  let outbox: Outbox<Message>;

  beforeEach(() => {
    now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    posted = [];
    lists = [];
    refused = jest.fn<Refused<Message>>((_message, _error, rest) => rest);
    outbox = new Outbox<Message>((said, list) => {
      structuredClone(said);
      posted.push(isBatch(said) ? [...said] : [said]);
      lists.push(list);
    }, refused);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const bad: Message = [9, () => 'a function'];

  describe('push', () => {
    it('should post what one tick holds as one message, at the end of it', async () => {
      outbox.push([1, 'a']);
      outbox.push([2, 'b']);
      await Promise.resolve();
      outbox.push([3, 'c']);
      expect(posted).toEqual([]);

      await endOfTick();

      expect(posted).toEqual([
        [
          [1, 'a'],
          [2, 'b'],
          [3, 'c'],
        ],
      ]);
    });

    it('should post one message for each tick', async () => {
      outbox.push([1]);
      await endOfTick();
      outbox.push([2]);
      await endOfTick();
      await endOfTick();

      expect(posted).toEqual([[[1]], [[2]]]);
    });

    it('should leave the last one open for more to be added', async () => {
      const values = ['a'];
      expect(outbox.last).toBeUndefined();
      outbox.push([1, values]);
      (outbox.last?.[1] as string[]).push('b');
      await endOfTick();

      expect(posted).toEqual([[[1, ['a', 'b']]]]);
      expect(outbox.last).toBeUndefined();
    });
  });

  describe('flush', () => {
    it('should post nothing when there is nothing', async () => {
      outbox.flush();
      await endOfTick();

      expect(posted).toEqual([]);
    });

    it('should post what there is, once', async () => {
      outbox.push([1]);
      outbox.flush();
      expect(posted).toEqual([[[1]]]);
      await endOfTick();

      expect(posted).toEqual([[[1]]]);
    });

    it('should post at the end of the tick what is said after it', async () => {
      outbox.push([1]);
      outbox.flush();
      outbox.push([2]);
      await endOfTick();

      expect(posted).toEqual([[[1]], [[2]]]);
    });
  });

  describe('say', () => {
    it('should post at once, after what has been gathered', () => {
      outbox.push([1]);
      outbox.say([2]);

      expect(posted.flat()).toEqual([[1], [2]]);
    });
  });

  describe('hurry', () => {
    it('should post what there is, the first time', () => {
      outbox.push([1]);
      outbox.hurry();

      expect(posted).toEqual([[[1]]]);
    });

    it('should post a few times at once, then gather what comes within a millisecond', async () => {
      const say = (n: number) => {
        outbox.push([n]);
        outbox.hurry();
      };
      for (let n = 1; n <= 10; n++) say(n);
      expect(posted).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [[n]]));

      now += 1;
      for (let n = 11; n <= 20; n++) say(n);
      await endOfTick();
      expect(posted.flat().flat()).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
      expect(posted).toHaveLength(10);
    });

    it('should post again when some time has passed in a tick that is a long one', () => {
      outbox.push([1]);
      outbox.hurry();
      now += 50;
      outbox.push([2]);
      outbox.hurry();
      now += 50;
      outbox.push([3]);
      outbox.hurry();

      expect(posted).toEqual([[[1]], [[2]], [[3]]]);
    });

    it('should post nothing when there is nothing', () => {
      outbox.hurry();

      expect(posted).toEqual([]);
    });
  });

  describe('send', () => {
    it('should post at once what is to be moved, after what has been gathered', () => {
      const { buffer } = new Uint8Array(4);
      outbox.push([1]);
      outbox.send([2, 'moved'], [buffer]);

      expect(posted).toEqual([[[1]], [[2, 'moved']]]);
      expect(lists).toEqual([[], [buffer]]);
    });

    it('should ask what is to be done when it can’t be', () => {
      outbox.send(bad, []);

      expect(posted).toEqual([]);
      expect(refused).toHaveBeenCalledWith(
        bad,
        expect.objectContaining({ name: 'DataCloneError' }),
        [],
      );
    });

    it('should move nothing with what is posted instead', () => {
      const { buffer } = new Uint8Array(4);
      refused.mockReturnValueOnce([[8, 'instead']]);
      outbox.send(bad, [buffer]);

      expect(posted).toEqual([[[8, 'instead']]]);
      expect(lists).toEqual([[]]);
    });
  });

  describe('with a message that can’t be cloned', () => {
    it('should post the others, in order', async () => {
      for (const message of [[1], [2], bad, [3], [4]] as Message[]) outbox.push(message);
      await endOfTick();

      expect(posted.flat()).toEqual([[1], [2], [3], [4]]);
      expect(refused).toHaveBeenCalledTimes(1);
    });

    it('should post in its place what it is mended to, with the rest', async () => {
      refused.mockImplementation((_message, _error, rest) => [
        [8, 'instead'],
        ...rest.filter(([kind]) => kind !== 3),
      ]);
      for (const message of [[1], bad, [3], [4]] as Message[]) outbox.push(message);
      await endOfTick();

      expect(posted.flat()).toEqual([[1], [8, 'instead'], [4]]);
    });

    it('should ask again for what it was mended to, if that can’t be either', async () => {
      refused.mockImplementationOnce((_message, _error, rest) => [[7, () => 'no better'], ...rest]);
      for (const message of [bad, [2]] as Message[]) outbox.push(message);
      await endOfTick();

      expect(refused).toHaveBeenCalledTimes(2);
      expect(posted.flat()).toEqual([[2]]);
    });

    it('should post after it what is said as it is refused', async () => {
      refused.mockImplementation((_message, _error, rest) => {
        outbox.push([5, 'said meanwhile']);
        return rest;
      });
      outbox.push(bad);
      outbox.push([2]);
      await endOfTick();
      await endOfTick();

      expect(posted.flat()).toEqual([[2], [5, 'said meanwhile']]);
    });
  });
});

describe('isBatch', () => {
  it('should tell one message from several', () => {
    expect(isBatch<Message>([1, 'a'])).toBe(false);
    expect(isBatch<Message>([[1, 'a']])).toBe(true);
    expect(isBatch<Message>([])).toBe(true);
  });
});
