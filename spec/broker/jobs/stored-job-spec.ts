import { describe, expect, it } from '@jest/globals';
import {
  type StoredJob,
  delayAfter,
  isStored,
  toStored,
} from '../../../src/broker/jobs/stored-job.js';

const stored = (options: Parameters<typeof toStored>[2] = {}): StoredJob =>
  toStored({ type: 'mail' }, 'me', options);

describe('how a job is kept', () => {
  it('should say no more than has been said: it’s written again each time that it’s claimed or settled', () => {
    expect(Object.keys(stored()).sort()).toEqual(['at', 'by', 'job']);
    expect(stored({ restart: 'never', maxRestarts: 3 })).not.toHaveProperty('again');
  });

  it('should say when it’s done again, in whole seconds', () => {
    const backoff = (n: number) => n * 600;

    expect(stored({ backoff, maxRestarts: 3 }).again).toEqual({
      after: 'failure',
      most: 3,
      delays: [1, 2, 2],
    });
    expect(stored({ backoff, restart: 'always' }).again).toMatchObject({ after: 'any' });
  });

  it('should be done again as often as it says, after the last delay from then on', () => {
    const delays = (again: NonNullable<StoredJob['again']>) =>
      [1, 2, 3].map((n) => delayAfter(again, n));

    expect(delays({ after: 'failure', delays: [1, 4] })).toEqual([1, 4, 4]);
    expect(delays({ after: 'failure', most: 2, delays: [1, 4] })).toEqual([1, 4, undefined]);
    // Somebody else's.
    expect(delays({ after: 'failure', delays: [] })).toEqual([undefined, undefined, undefined]);
  });

  it.each<readonly [object, boolean]>([
    [stored(), true],
    [stored({ maxRestarts: 1 }), true],
    [{}, false],
    [{ job: { type: 'mail' } }, false],
    [{ job: { type: 7 }, by: 'me' }, false],
    [{ job: null, by: 'me' }, false],
    [{ job: { type: 'mail' }, by: 'me', again: 'always' }, false],
    [{ job: { type: 'mail' }, by: 'me', again: null }, false],
  ])('should be told from what somebody else has put there: %j', (data, isOne) => {
    expect(isStored(data)).toBe(isOne);
  });
});
