import { describe, expect, it } from '@jest/globals';
import { sayDuration } from '../../src/observability/say-duration.js';

describe('sayDuration', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [150, '150 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1_000, '1 s'],
    [1_250, '1.3 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [65_000, '1 min 5 s'],
    [3_599_400, '59 min 59 s'],
    [3_599_600, '1 h'],
    [7_380_000, '2 h 3 min'],
    [180_000_000, '50 h'],
  ])('should put %d ms in words as "%s"', (ms, words) => {
    expect(sayDuration(ms)).toBe(words);
  });
});
