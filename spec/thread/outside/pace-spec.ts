import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Pace } from '../../../src/thread/outside/pace.js';
import { SEATS } from '../../../src/thread/seats.js';

describe('Pace', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const finish = (pace: Pace, count: number) => {
    for (let i = 0; i < count; i++) pace.released();
    pace.drained();
  };

  it('should let few wait on a thread that has shown nothing, or takes long', () => {
    const pace = new Pace();
    const few = pace.ahead;
    finish(pace, 1);

    expect(few).toBeGreaterThanOrEqual(1);
    expect(pace.ahead).toBeLessThanOrEqual(4);
  });

  it('should let more wait on one that is quick, but never as many as it has seats', () => {
    const pace = new Pace();
    finish(pace, 20);
    expect(pace.ahead).toBeGreaterThan(20);
    finish(pace, 1_000_000);

    expect(pace.ahead).toBeLessThan(SEATS);
  });

  it('should forget that it was quick', () => {
    const pace = new Pace();
    finish(pace, 20);
    finish(pace, 0);

    expect(pace.ahead).toBe(new Pace().ahead);
  });

  it('should know when something has come of it last, or it has begun', () => {
    const pace = new Pace();
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(5);
    pace.begin();
    expect(pace.lastHeard).toBe(5);
    now.mockReturnValue(9);
    pace.drained();

    expect(pace.lastHeard).toBe(9);
  });
});
