import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Inbox } from '../../../src/thread/outside/inbox.js';

/** Takes values for as long as there is demand. */
class Consumer {
  demand = Infinity;
  readonly values: unknown[] = [];
  onNext: (value: unknown) => void = () => undefined;
  #resume: () => void = () => undefined;

  next(value: unknown): void {
    this.demand--;
    this.values.push(value);
    this.onNext(value);
  }

  mayPull(resume: () => void): boolean {
    this.#resume = resume;
    return this.demand > 0;
  }

  ask(more: number): void {
    this.demand += more;
    this.#resume();
  }
}

describe('Inbox', () => {
  let consumer: Consumer;
  let credits: number[];
  const toInbox = (window: number) => new Inbox(consumer, window, (values) => credits.push(values));
  const credited = () => credits.reduce((sum, each) => sum + each, 0);

  beforeEach(() => {
    consumer = new Consumer();
    credits = [];
  });

  it('should hand over values at once, in order, to whoever takes all', () => {
    const inbox = toInbox(4);
    inbox.put([1, 2]);
    inbox.put([3]);

    expect(consumer.values).toEqual([1, 2, 3]);
  });

  it('should hand over as many as there is demand for, and the others as it comes', () => {
    consumer.demand = 1;
    const inbox = toInbox(8);
    inbox.put([1, 2, 3, 4]);
    expect(consumer.values).toEqual([1]);
    consumer.ask(2);
    expect(consumer.values).toEqual([1, 2, 3]);
    inbox.put([5]);
    consumer.ask(Infinity);

    expect(consumer.values).toEqual([1, 2, 3, 4, 5]);
  });

  it('should hand over at once what comes when it was waited for', () => {
    consumer.demand = 0;
    const inbox = toInbox(4);
    inbox.put([1]);
    consumer.ask(2);
    inbox.put([2]);

    expect(consumer.values).toEqual([1, 2]);
  });

  it('should hand over nothing that comes while something is being taken, before that has been', () => {
    const inbox = toInbox(4);
    const course: string[] = [];
    consumer.onNext = (value) => {
      course.push(`takes ${String(value)}`);
      if (value === 1) setTimeout(() => undefined).unref();
      course.push(`has taken ${String(value)}`);
    };
    inbox.put([1, 2]);

    expect(course).toEqual(['takes 1', 'has taken 1', 'takes 2', 'has taken 2']);
  });

  describe('credit', () => {
    it('should be given for all that has been consumed, but for less than a portion', () => {
      const inbox = toInbox(8);
      for (let value = 0; value < 100; value++) inbox.put([value]);

      expect(credited()).toBeGreaterThan(100 - 8);
      expect(credited()).toBeLessThanOrEqual(100);
    });

    it('should be given for each value where the window is a small one', () => {
      for (const window of [1, 2, 4]) {
        credits = [];
        toInbox(window).put([1, 2, 3]);

        expect(credits).toEqual([1, 1, 1]);
      }
    });

    it('should be given in portions, not for each value', () => {
      const inbox = toInbox(256);
      for (let value = 0; value < 256; value++) inbox.put([value]);

      expect(credits.length).toBeLessThanOrEqual(8);
      expect(credits.every((each) => each > 1)).toBe(true);
    });

    it('should not be given for a value that is still being taken', () => {
      const inbox = toInbox(1);
      const seen: number[] = [];
      consumer.onNext = () => seen.push(credited());
      inbox.put([1, 2]);

      expect(seen).toEqual([0, 1]);
      expect(credited()).toBe(2);
    });

    it('should not be given for a value after which nobody has asked for more', () => {
      consumer.demand = 1;
      toInbox(1).put([1]);
      expect(credited()).toBe(0);
      consumer.ask(1);

      expect(credited()).toBe(1);
    });
  });

  describe('whenEmpty', () => {
    it('should call back at once when there is nothing', () => {
      const work = jest.fn();
      toInbox(4).whenEmpty(work);

      expect(work).toHaveBeenCalledTimes(1);
    });

    it('should call back when the last value has been handed over', () => {
      consumer.demand = 1;
      const inbox = toInbox(4);
      const taken: number[] = [];
      inbox.put([1, 2, 3]);
      inbox.whenEmpty(() => taken.push(consumer.values.length));
      consumer.ask(1);
      expect(taken).toEqual([]);
      consumer.ask(1);

      expect(taken).toEqual([3]);
    });

    it('should call back for the first that asks, and once', () => {
      consumer.demand = 0;
      const inbox = toInbox(4);
      inbox.put([1]);
      const [first, second] = [jest.fn(), jest.fn()];
      inbox.whenEmpty(first);
      inbox.whenEmpty(second);
      consumer.ask(1);
      inbox.whenEmpty(second);

      expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 0]);
    });
  });

  describe('free', () => {
    it('should hand over what there is, whether or not there is demand', () => {
      consumer.demand = 0;
      const inbox = toInbox(4);
      inbox.put([1, 2]);
      inbox.free();
      inbox.put([3]);

      expect(consumer.values).toEqual([1, 2, 3]);
    });

    it('should give credit for it, so that nobody in the thread waits any more', () => {
      consumer.demand = 0;
      const inbox = toInbox(2);
      inbox.put([1, 2]);
      inbox.free();

      expect(credited()).toBe(2);
    });

    it('should not hold up an end', () => {
      consumer.demand = 0;
      const inbox = toInbox(4);
      const work = jest.fn();
      inbox.put([1]);
      inbox.whenEmpty(work);
      inbox.free();

      expect(work).toHaveBeenCalledTimes(1);
    });

    it('should keep order when it comes as a value is being taken', () => {
      const inbox = toInbox(4);
      consumer.onNext = (value) => {
        if (value === 1) inbox.free();
      };
      inbox.put([1, 2, 3]);

      expect(consumer.values).toEqual([1, 2, 3]);
    });
  });
});
