import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { StopReason } from '../../../src/report.js';
import { Held } from '../../../src/thread/inside/held.js';

const STOP: StopReason = Object.freeze({ type: 'stop' });

describe('Held', () => {
  let held: Held;
  let course: string[];
  const note = (what: string) => () => void course.push(what);
  const noteLater = (what: string) => async () => {
    await Promise.resolve();
    course.push(what);
  };

  beforeEach(() => {
    held = new Held('web', () => undefined);
    course = [];
  });

  it('should hold nothing before it’s asked for', () => {
    expect([held.isEmpty, held.hasSignal]).toEqual([true, false]);
  });

  describe('the signal', () => {
    it('should be one and the same, and abort with its reason', () => {
      const { signal } = held;
      const aborted = jest.fn();
      signal.addEventListener('abort', aborted);
      expect([held.hasSignal, held.isEmpty]).toEqual([true, true]);
      held.abort(STOP);

      expect(aborted).toHaveBeenCalledTimes(1);
      expect(held.signal).toBe(signal);
      expect(signal.reason).toBe(STOP);
    });

    it('should be aborted already when it’s read late', () => {
      held.abort(STOP);

      expect([held.signal.aborted, held.signal.reason]).toEqual([true, STOP]);
    });

    it('should keep the first reason', () => {
      held.abort(STOP);
      held.abort({ type: 'failure' });

      expect(held.signal.reason).toBe(STOP);
    });
  });

  describe('stop', () => {
    it('should abort the signal, at once', () => {
      held.signal.addEventListener('abort', note('aborted'));
      held.stop(STOP);

      expect(course).toEqual(['aborted']);
      expect(held.signal.reason).toBe(STOP);
    });
  });

  describe('end', () => {
    it('should run teardowns last in first out, at once when none is asynchronous', () => {
      held.onTeardown(note('first'));
      held.onTeardown(note('second'));
      expect(held.isEmpty).toBe(false);
      held.end([], note('over'));

      expect(course).toEqual(['second', 'first', 'over']);
    });

    it('should await those that are', async () => {
      held.onTeardown(note('first'));
      held.onTeardown(noteLater('second'));
      await new Promise<void>((resolve) => {
        held.end([], resolve);
      });

      expect(course).toEqual(['second', 'first']);
    });

    it('should gather what fails, and skip nothing', async () => {
      const errors: unknown[] = [];
      held.onTeardown(() => {
        throw new Error('sync');
      });
      held.onTeardown(note('between'));
      held.onTeardown(() => Promise.reject(new Error('async')));
      await new Promise<void>((resolve) => {
        held.end(errors, resolve);
      });

      expect(course).toEqual(['between']);
      expect(errors).toEqual([new Error('async'), new Error('sync')]);
    });

    it('should run at once what is registered after it', () => {
      held.end([], note('over'));
      held.onTeardown(note('late'));
      held.onTeardown(() => {
        throw new Error('nobody hears of this');
      });

      expect(course).toEqual(['over', 'late']);
    });
  });
});
