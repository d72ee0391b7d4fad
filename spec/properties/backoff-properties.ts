import fc from 'fast-check';
import { type Backoff, type Jitter, exponential, linear } from '../../src/index.js';
import { RestartPolicy } from '../../src/supervise/restart-policy.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

const LONGEST = 2 ** 31 - 1;

interface Growth {
  readonly kind: 'exponential' | 'linear';
  readonly initial: number;
  /** Or the step. */
  readonly factor: number;
  readonly max: number;
  readonly jitter: 'none' | 'equal' | 'full' | 'adds' | 'odd';
  readonly odd: number;
  readonly random: number;
  readonly n: number;
}

const duration = fc.oneof(
  fc.constantFrom(0, 1, 1_000, 30_000, LONGEST),
  fc.nat(100_000),
  fc.double({ min: 0.001, max: 1e300, noNaN: true }),
);

const growths: fc.Arbitrary<Growth> = fc.record({
  kind: fc.constantFrom('exponential', 'linear'),
  initial: duration,
  factor: fc.oneof(fc.constantFrom(1, 2, 1.5), fc.double({ min: 1, max: 1e6, noNaN: true })),
  max: fc.oneof(fc.constantFrom(0, 30_000, LONGEST), fc.nat(LONGEST)),
  jitter: fc.constantFrom('none', 'none', 'equal', 'full', 'adds', 'odd'),
  odd: fc.double(),
  random: fc.oneof(
    fc.constantFrom(0, 1 - 2 ** -53),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  ),
  n: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_000_000 })),
});

/** I18: what the backoffs of the package say, for every count up to 10^6. */
export const checkBackoffs = (settings: Settings): Promise<string | undefined> =>
  search(growths, findBadDelay, (growth) => JSON.stringify(growth), settings);

function findBadDelay(growth: Growth): string[] {
  const { max, jitter, n } = growth;
  const delay = toBackoff(growth)(n);
  const plain = toBackoff({ ...growth, jitter: 'none' });
  const found: string[] = [];
  if (!(delay >= 0 && delay <= max)) found.push(`I18: the delay is ${delay}, and max is ${max}`);
  if (jitter === 'equal' && delay < plain(n) / 2)
    found.push(`I18: ${delay} is less than half of ${plain(n)}`);
  if (plain(n + 1) < plain(n)) found.push(`I18: after ${plain(n)} comes ${plain(n + 1)}`);
  const wanted = grow(growth);
  if (Math.abs(plain(n) - wanted) > wanted * 1e-9) found.push(`I18: ${plain(n)} is not ${wanted}`);
  return found;
}

function toBackoff({ kind, initial, factor, max, jitter, odd, random }: Growth): Backoff {
  const jitters: Record<Growth['jitter'], Jitter> = {
    none: 'none',
    equal: 'equal',
    full: 'full',
    adds: (delay, draw) => delay * (1 + draw()),
    odd: () => odd,
  };
  const others = { initial, max, jitter: jitters[jitter], random: () => random };
  if (kind === 'linear') return linear({ ...others, step: factor });
  return exponential({ ...others, factor });
}

/** Step by step, as one would on paper. */
function grow({ kind, initial, factor, max, n }: Growth): number {
  if (kind === 'linear') return Math.min(max, initial + factor * (n - 1));
  let delay = initial;
  for (let i = 1; i < n && delay < max && delay > 0 && factor > 1; i++) delay *= factor;
  return Math.min(max, delay);
}

/** I18: whatever a backoff says, the delay is one that a timer can wait. */
export const checkClamp = (settings: Settings): Promise<string | undefined> =>
  search(fc.double(), findBadClamp, (said) => `the backoff says ${said}`, settings);

function findBadClamp(said: number): string[] {
  const policy = new RestartPolicy('task', { backoff: () => said });
  const verdict = policy.afterCrash(new Error('crash'), { now: 0, uptime: 0 });
  if (verdict.type !== 'restart') return [`I18: the policy says ${verdict.type}`];
  const { delay } = verdict;
  const kept = said >= 0 && said <= LONGEST ? delay === said : delay >= 0 && delay <= LONGEST;
  return kept ? [] : [`I18: the delay is ${delay}`];
}
