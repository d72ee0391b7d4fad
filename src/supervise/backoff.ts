import {
  type Check,
  type Checks,
  aFunction,
  atLeastOne,
  checkGiven,
  checkOptions,
  duration,
  either,
  oneOf,
} from '../task/check.js';
import type { Backoff } from '../task/shapes.js';

/**
 * Spreads delays, so that what crashed together doesn't come back together. With `v` the delay:
 * `'none'` is v, `'equal'` is v/2 + U(0, v/2), `'full'` is U(0, v); or a function of one's own.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export type Jitter = 'none' | 'equal' | 'full' | ((delay: number, random: () => number) => number);

/** What all growing backoffs have. Times in ms. */
export interface BackoffOptions {
  /** The first delay. @default 1_000 */
  readonly initial?: number;
  /** No delay is longer, jitter included. @default 30_000 */
  readonly max?: number;
  /** @default 'none' */
  readonly jitter?: Jitter;
  /** In [0, 1), as Math.random. @default Math.random */
  readonly random?: () => number;
}

export interface ExponentialOptions extends BackoffOptions {
  /** Each delay is this many times the one before; 1 or more. @default 2 */
  readonly factor?: number;
}

export interface LinearOptions extends BackoffOptions {
  /** Each delay is this much longer than the one before. @default 1_000 */
  readonly step?: number;
}

const BACKOFF_CHECKS: Checks<BackoffOptions> = {
  initial: duration,
  max: duration,
  jitter: either(oneOf('none', 'equal', 'full'), aFunction) satisfies Check,
  random: aFunction,
};

/**
 * Doubles the delay each time, up to a cap: 1 s, 2 s, 4 s, 8 s, 16 s, 30 s, 30 s…
 *
 * The n-th delay is `initial · factor^(n − 1)`, jittered, and at most `max`.
 *
 * @throws {@link InvalidOptionError}
 */
export function exponential(options: ExponentialOptions = {}): Backoff {
  checkOptions(options, { ...BACKOFF_CHECKS, factor: atLeastOne });
  const { initial = 1_000, factor = 2, ...others } = options;
  // Growth stays finite, so that an initial 0 stays 0.
  return capped((n) => initial * Math.min(factor ** (n - 1), Number.MAX_VALUE), others);
}

/**
 * Lengthens the delay by the same step each time, up to a cap: `initial + step · (n − 1)`.
 *
 * @throws {@link InvalidOptionError}
 */
export function linear(options: LinearOptions = {}): Backoff {
  checkOptions(options, { ...BACKOFF_CHECKS, step: duration });
  const { initial = 1_000, step = 1_000, ...others } = options;
  return capped((n) => initial + step * (n - 1), others);
}

/**
 * Waits equally long each time.
 *
 * @param delay  In ms.
 * @throws {@link InvalidOptionError}
 */
export function constant(delay: number): Backoff {
  checkGiven('delay', delay, duration);
  return () => delay;
}

/** Jitter goes inside the cap, so that `max` is a promise. What overflows counts as the cap. */
function capped(
  grow: Backoff,
  { max = 30_000, jitter = 'none', random = Math.random }: Omit<BackoffOptions, 'initial'>,
): Backoff {
  const spread = typeof jitter === 'function' ? jitter : SPREADS[jitter];
  const cap = (delay: number) => (Number.isFinite(delay) ? Math.min(Math.max(delay, 0), max) : max);
  return (n) => cap(spread(cap(grow(n)), random));
}

const SPREADS = {
  none: (delay) => delay,
  equal: (delay, random) => delay / 2 + (random() * delay) / 2,
  full: (delay, random) => random() * delay,
} satisfies Record<string, (delay: number, random: () => number) => number>;
