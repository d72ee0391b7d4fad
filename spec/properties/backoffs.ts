import { type Backoff, constant, exponential, linear } from '../../src/index.js';
import type { Actor } from './actor.js';
import { toError } from './faults.js';
import type { BackoffSpec } from './program.js';

/** The backoff that a program draws, noting what it is asked and what it says. */
export function toBackoff(spec: BackoffSpec, actor: Actor, seed: number): Backoff {
  const backoff = make(spec, toRandom(seed));
  return (n) => {
    if (spec.kind === 'throws') {
      const error = toError('an Error');
      actor.backoffs.push({ n, delay: NaN, failure: { error } });
      throw error;
    }
    const delay = backoff(n);
    actor.backoffs.push({ n, delay, failure: undefined });
    return delay;
  };
}

function make(spec: BackoffSpec, random: () => number): Backoff {
  if (spec.kind === 'constant') return constant(spec.delay);
  if (spec.kind === 'exponential') {
    const { initial, factor, max, jitter } = spec;
    return exponential({ initial, factor, max, jitter, random });
  }
  if (spec.kind === 'linear') {
    const { initial, step, max } = spec;
    return linear({ initial, step, max });
  }
  if (spec.kind === 'odd') return () => spec.delay;
  return () => NaN;
}

/** Random enough, the same each time, and in quarters, so that times are added without an error. */
export function toRandom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.trunc((state / 2_147_483_647) * 4) / 4;
  };
}
