import { describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionError } from '../../src/errors.js';
import {
  type ExponentialOptions,
  type LinearOptions,
  constant,
  exponential,
  linear,
} from '../../src/supervise/backoff.js';
import type { Backoff } from '../../src/task/shapes.js';

const FIRST_SEVEN = [1, 2, 3, 4, 5, 6, 7];

/** Numbers in [0, 1) that look random and are the same in every run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('exponential', () => {
  it.each<[string, ExponentialOptions | undefined, number[]]>([
    ['by default', undefined, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    ['with an empty object', {}, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    ['initial 10', { initial: 10 }, [10, 20, 40, 80, 160, 320, 640]],
    ['initial 0', { initial: 0 }, [0, 0, 0, 0, 0, 0, 0]],
    [
      'initial above max',
      { initial: 50_000 },
      [30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000],
    ],
    ['factor 1', { factor: 1 }, [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000]],
    ['factor 3', { initial: 1, factor: 3 }, [1, 3, 9, 27, 81, 243, 729]],
    ['factor 1.5', { initial: 16, factor: 1.5 }, [16, 24, 36, 54, 81, 121.5, 182.25]],
    ['max 5', { initial: 1, max: 5 }, [1, 2, 4, 5, 5, 5, 5]],
    ['max 0', { max: 0 }, [0, 0, 0, 0, 0, 0, 0]],
  ])(
    'should be initial · factor^(n − 1), at most max: %s (PITFALLS B5)',
    (_title, options, table) => {
      expect(FIRST_SEVEN.map(exponential(options))).toEqual(table);
    },
  );

  it.each([1, 1.000_1, 2, 10, Number.MAX_VALUE])(
    'should stay within [0, max] and never shrink for 10,000 steps and far beyond, with factor %d',
    (factor) => {
      const backoff = exponential({ initial: 1, factor, max: 12_345 });

      let last = 0;
      for (let n = 1; n <= 10_000; n++) {
        const delay = backoff(n);
        if (!(delay >= last && delay <= 12_345)) throw new Error(`backoff(${n}) is ${delay}`);
        last = delay;
      }
      for (const n of [10 ** 5, 10 ** 6, 2 ** 31]) expect(backoff(n)).toBeGreaterThanOrEqual(last);
      for (const n of [10 ** 5, 10 ** 6, 2 ** 31]) expect(backoff(n)).toBeLessThanOrEqual(12_345);
    },
  );

  it('should stay at 0 for ever when it begins at 0, also where the growth overflows', () => {
    expect([1, 1_025, 10 ** 6].map(exponential({ initial: 0 }))).toEqual([0, 0, 0]);
  });
});

describe('linear', () => {
  it.each<[string, LinearOptions | undefined, number[]]>([
    ['by default', undefined, [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]],
    ['initial and step', { initial: 5, step: 10 }, [5, 15, 25, 35, 45, 55, 65]],
    ['step 0', { initial: 5, step: 0 }, [5, 5, 5, 5, 5, 5, 5]],
    ['max', { initial: 5, step: 10, max: 30 }, [5, 15, 25, 30, 30, 30, 30]],
  ])('should be initial + step · (n − 1), at most max: %s', (_title, options, table) => {
    expect(FIRST_SEVEN.map(linear(options))).toEqual(table);
  });

  it('should be at most 30 s by default', () => {
    expect([29, 30, 31, 10 ** 6].map(linear())).toEqual([29_000, 30_000, 30_000, 30_000]);
  });

  it('should be at most max where the growth overflows', () => {
    expect(linear({ step: Number.MAX_VALUE })(10 ** 6)).toBe(30_000);
  });
});

describe('constant', () => {
  it.each([0, 1, 1_000, 2 ** 31])('should be %d each time', (delay) => {
    expect(FIRST_SEVEN.map(constant(delay))).toEqual(FIRST_SEVEN.map(() => delay));
  });

  it.each([-1, NaN, Infinity, '5', null, undefined])('should refuse %p', (delay) => {
    const act = () => constant(delay as number);

    expect(act).toThrow(InvalidOptionError);
    expect(act).toThrow(expect.objectContaining({ option: 'delay', value: delay }));
  });
});

describe('jitter', () => {
  const half = () => 0.5;

  it.each<[string, ExponentialOptions, number[]]>([
    ['none is v', { jitter: 'none' }, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    [
      'equal is v/2 + U(0, v/2)',
      { jitter: 'equal' },
      [750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500],
    ],
    ['full is U(0, v)', { jitter: 'full' }, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]],
  ])('should spread the capped delay v: %s (PITFALLS B8)', (_title, options, table) => {
    expect(FIRST_SEVEN.map(exponential({ ...options, random: half }))).toEqual(table);
    expect(FIRST_SEVEN.slice(0, 3).map(linear({ jitter: 'none', random: half }))).toEqual([
      1_000, 2_000, 3_000,
    ]);
  });

  it('should spread linear delays too', () => {
    expect(FIRST_SEVEN.map(linear({ max: 4_000, jitter: 'full', random: half }))).toEqual([
      500, 1_000, 1_500, 2_000, 2_000, 2_000, 2_000,
    ]);
  });

  it.each<[string, Backoff, (n: number) => number, (n: number) => number]>([
    [
      'equal',
      exponential({ initial: 3, max: 10_000, jitter: 'equal', random: pseudoRandom(1) }),
      (n) => Math.min(3 * 2 ** (n - 1), 10_000) / 2,
      (n) => Math.min(3 * 2 ** (n - 1), 10_000),
    ],
    [
      'full',
      exponential({ initial: 3, max: 10_000, jitter: 'full', random: pseudoRandom(2) }),
      () => 0,
      (n) => Math.min(3 * 2 ** (n - 1), 10_000),
    ],
    [
      'equal, linear',
      linear({ initial: 3, step: 7, max: 10_000, jitter: 'equal', random: pseudoRandom(3) }),
      (n) => Math.min(3 + 7 * (n - 1), 10_000) / 2,
      (n) => Math.min(3 + 7 * (n - 1), 10_000),
    ],
  ])(
    'should spread within its bounds over thousands of steps: %s (PITFALLS B17)',
    (_title, backoff, least, most) => {
      const delays = Array.from({ length: 5_000 }, (_, i) => ({ n: i + 1, delay: backoff(i + 1) }));

      expect(delays.filter(({ n, delay }) => !(delay >= least(n) && delay <= most(n)))).toEqual([]);
      // And it does spread: at the cap many different delays.
      expect(new Set(delays.slice(-1_000).map(({ delay }) => delay)).size).toBeGreaterThan(500);
    },
  );

  it('should hand the capped delay and the random function to a function of one’s own', () => {
    const jitter = jest.fn((delay: number, random: () => number) => delay * random());
    const backoff = exponential({ max: 3_000, jitter, random: half });

    expect([1, 2, 3].map(backoff)).toEqual([500, 1_000, 1_500]);
    expect(jitter.mock.calls).toEqual([
      [1_000, half],
      [2_000, half],
      [3_000, half],
    ]);
  });

  it.each([
    ['more than max', 1_000_000, 30_000],
    ['less than 0', -1, 0],
    ['NaN', NaN, 30_000],
    ['Infinity', Infinity, 30_000],
  ])('should cap what such a function makes of it: %s (PITFALLS B8)', (_title, made, expected) => {
    expect(exponential({ jitter: () => made })(1)).toBe(expected);
    expect(linear({ jitter: () => made })(1)).toBe(expected);
  });

  it.each([NaN, 2, Infinity])('should keep max also when random gives %d', (random) => {
    const delay = exponential({ jitter: 'full', random: () => random })(10);

    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(30_000);
  });

  it('should take Math.random by default', () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.25);
    try {
      expect(exponential({ jitter: 'full' })(1)).toBe(250);
    } finally {
      random.mockRestore();
    }
  });

  it('should pass on what random throws', () => {
    const error = new Error('no luck');
    const random = () => {
      throw error;
    };

    expect(() => exponential({ jitter: 'full', random })(1)).toThrow(error);
  });
});

describe.each([
  ['exponential', exponential as (options: object) => Backoff, 'factor'],
  ['linear', linear as (options: object) => Backoff, 'step'],
])('options of %s', (_name, make, own) => {
  it.each([
    ['an unknown key', { steps: 1 }, 'steps'],
    ['a key of Object.prototype', { valueOf: 1 }, 'valueOf'],
    ['a negative initial', { initial: -1 }, 'initial'],
    ['an initial that is NaN', { initial: NaN }, 'initial'],
    ['an infinite initial', { initial: Infinity }, 'initial'],
    ['an initial that is a string', { initial: '1s' }, 'initial'],
    ['a negative max', { max: -1 }, 'max'],
    ['an infinite max', { max: Infinity }, 'max'],
    ['an unknown jitter', { jitter: 'decorrelated' }, 'jitter'],
    ['a jitter that is a number', { jitter: 0.5 }, 'jitter'],
    ['a random that is a number', { random: 0.5 }, 'random'],
    ['null', null, 'options'],
    ['a number', 1_000, 'options'],
  ])('should refuse %s by name', (_title, options, option) => {
    const act = () => make(options as object);

    expect(act).toThrow(InvalidOptionError);
    expect(act).toThrow(expect.objectContaining({ option }));
    expect(act).toThrow(`option "${option}" is `);
  });

  it.each([-1, NaN, Infinity, '2', null])('should refuse %p for its own option', (value) => {
    expect(() => make({ [own]: value })).toThrow(expect.objectContaining({ option: own, value }));
  });

  it('should say which options there are', () => {
    expect(() => make({ steps: 1 })).toThrow(
      new RegExp(`option "steps" is 1: .*initial, max, jitter, random, ${own}`),
    );
  });
});

describe('the factor of exponential', () => {
  it('should be refused below 1: delays would shrink', () => {
    expect(() => exponential({ factor: 0.5 })).toThrow('option "factor" is 0.5: ');
  });
});

describe('the options of the other', () => {
  it('should be refused: a step for exponential, a factor for linear (PITFALLS B13)', () => {
    expect(() => exponential({ step: 1 } as ExponentialOptions)).toThrow('option "step"');
    expect(() => linear({ factor: 2 } as LinearOptions)).toThrow('option "factor"');
  });
});
