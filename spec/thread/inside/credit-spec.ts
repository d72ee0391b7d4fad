import { describe, expect, it, jest } from '@jest/globals';
import { Credit } from '../../../src/thread/inside/credit.js';
import type { Overflow } from '../../../src/task/threaded-payload.js';

function toCredit(window: number, overflow: Overflow = 'error') {
  const sent: unknown[] = [];
  const credit = new Credit(window, overflow, (value) => sent.push(value));
  /** Takes values, and says of each whether it was taken. */
  const take = (...values: unknown[]) => values.map((value) => credit.take(value));
  return { credit, sent, take };
}

describe('Credit', () => {
  it('should let a whole window be sent, and no more, whatever the window is', () => {
    for (const window of [1, 2, 7]) {
      const { credit, sent } = toCredit(window);
      let taken = 0;
      while (credit.mayPull(() => undefined)) credit.take(taken++);

      expect(sent).toHaveLength(window);
    }
  });

  it('should let a source be pulled again when something has been consumed', () => {
    const { credit, take, sent } = toCredit(2);
    const resume = jest.fn();
    take('a', 'b');
    expect(credit.mayPull(resume)).toBe(false);
    expect(resume).not.toHaveBeenCalled();

    credit.grant(1);

    expect(resume).toHaveBeenCalledTimes(1);
    expect(credit.mayPull(resume)).toBe(true);
    take('c');
    expect(credit.mayPull(resume)).toBe(false);
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('should resume once for each time that it was asked', () => {
    const { credit, take } = toCredit(1);
    const resume = jest.fn();
    take('a');
    credit.mayPull(resume);
    credit.grant(1);
    credit.grant(1);

    expect(resume).toHaveBeenCalledTimes(1);
  });

  describe("with overflow 'error'", () => {
    it('should refuse the value that is one too many', () => {
      const { take, sent } = toCredit(2);

      expect(take('a', 'b', 'c')).toEqual([true, true, false]);
      expect(sent).toEqual(['a', 'b']);
    });

    it('should take as many more as have been consumed', () => {
      const { credit, take, sent } = toCredit(3);
      take('a', 'b', 'c');
      credit.grant(2);

      expect(take('d', 'e', 'f')).toEqual([true, true, false]);
      expect(sent).toEqual(['a', 'b', 'c', 'd', 'e']);
    });
  });

  describe("with overflow 'drop-newest'", () => {
    it('should drop what comes while the window is full, and nothing else', () => {
      const { credit, take, sent } = toCredit(2, 'drop-newest');

      expect(take('a', 'b', 'c', 'd')).toEqual([true, true, true, true]);
      credit.grant(1);
      take('e', 'f');

      expect(sent).toEqual(['a', 'b', 'e']);
    });
  });

  describe("with overflow 'drop-oldest'", () => {
    it('should keep the newest, and send them as others are consumed', () => {
      const { credit, take, sent } = toCredit(4, 'drop-oldest');

      expect(take(1, 2, 3, 4, 5, 6)).toEqual([true, true, true, true, true, true]);
      expect(sent).toEqual([1, 2]);
      credit.grant(1);
      expect(sent).toEqual([1, 2, 5]);
      credit.grant(1);

      expect(sent).toEqual([1, 2, 5, 6]);
    });

    it('should never hold more than the window, in the smallest one too', () => {
      for (const window of [2, 3, 8, 9]) {
        const { credit, sent } = toCredit(window, 'drop-oldest');
        for (let value = 0; value < 50; value++) credit.take(value);
        const ahead = sent.length;
        credit.grant(50);

        expect(sent.length).toBe(window);
        expect(sent.slice(ahead)).toEqual(
          Array.from({ length: window - ahead }, (_, i) => 50 - (window - ahead) + i),
        );
      }
    });

    it('should keep order: what is kept goes ahead of what comes next', () => {
      const { credit, take, sent } = toCredit(4, 'drop-oldest');
      take(1, 2, 3, 4);
      credit.grant(2);
      take(5, 6);
      credit.grant(2);

      expect(sent).toEqual([1, 2, 3, 4, 5, 6]);
    });
  });

  describe('whenSent', () => {
    it('should call back at once when nothing is kept', () => {
      const { credit, take } = toCredit(2);
      const work = jest.fn();
      take('a', 'b');
      credit.whenSent(work);

      expect(work).toHaveBeenCalledTimes(1);
    });

    it('should wait until the last that is kept has been sent', () => {
      const { credit, take, sent } = toCredit(4, 'drop-oldest');
      const sentBefore: unknown[][] = [];
      take(1, 2, 3, 4);
      credit.whenSent(() => sentBefore.push([...sent]));
      expect(sentBefore).toEqual([]);
      credit.grant(1);
      expect(sentBefore).toEqual([]);
      credit.grant(1);
      credit.grant(1);

      expect(sentBefore).toEqual([[1, 2, 3, 4]]);
    });

    it('should call back when what is kept is given up', () => {
      const { credit, take, sent } = toCredit(2, 'drop-oldest');
      const work = jest.fn();
      take(1, 2);
      credit.whenSent(work);
      credit.drop();
      expect(work).toHaveBeenCalledTimes(1);
      credit.grant(2);

      expect(sent).toEqual([1]);
      expect(work).toHaveBeenCalledTimes(1);
    });
  });
});
