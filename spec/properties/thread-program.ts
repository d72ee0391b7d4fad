import fc from 'fast-check';
import type { Overflow } from '../../src/task/threaded-payload.js';

/** What a program of threads is made of: plain data, so that it can be drawn, shrunk and said in words. */

export type Shape =
  | 'pushes'
  | 'pushes and reads its signal'
  | 'is pulled'
  | 'is pulled and waits'
  | 'promises'
  | 'returns'
  | 'throws';

export interface Job {
  readonly shape: Shape;
  /** How many values a source that's pulled has. */
  readonly values: number;
  readonly fails: boolean;
  readonly teardown: 'none' | 'sync' | 'async' | 'fails' | 'fails later';
  readonly window: number;
  readonly overflow: Overflow;
  /** The value, from 0, that can't be cloned. */
  readonly bad: number;
  /** Whether values are moved. */
  readonly moves: boolean;
  readonly argument: 'plain' | 'moved' | 'bad';
  readonly demand: 'always' | 'on demand';
}

export type Death = 'exits' | 'throws' | 'is terminated' | 'runs out of memory';

/** `flow`: the tick ends, and what's under way arrives. Who something is about is its number among those it may be about, taken around. */
export type Step =
  | { readonly step: 'execute'; readonly job: Job }
  | { readonly step: 'flow' | 'tick' | 'turn' }
  | { readonly step: 'hand to thread' | 'hand to main' | 'bury' | 'load'; readonly nth: number }
  | { readonly step: 'finish' | 'settle' | 'cancel' | 'force'; readonly nth: number }
  | { readonly step: 'wait'; readonly time: number }
  | { readonly step: 'emit' | 'ask for'; readonly nth: number; readonly count: number }
  | { readonly step: 'kill'; readonly nth: number; readonly death: Death };

export interface Program {
  readonly size: number;
  readonly overlap: number;
  readonly maxRuns: number;
  readonly modules: 'loaded' | 'slow' | 'bad';
  /** The first that fails has all others cancelled, as `mergeMap` does. */
  readonly together: boolean;
  readonly steps: readonly Step[];
}

const job: fc.Arbitrary<Job> = fc
  .record({
    shape: fc.constantFrom<Shape>(
      'pushes',
      'pushes',
      'pushes and reads its signal',
      'is pulled',
      'is pulled',
      'is pulled and waits',
      'promises',
      'returns',
      'throws',
    ),
    values: fc.nat(12),
    fails: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
    teardown: fc.constantFrom<Job['teardown']>(
      'none',
      'none',
      'sync',
      'async',
      'fails',
      'fails later',
    ),
    window: fc.constantFrom(1, 2, 3, 4, 8),
    overflow: fc.constantFrom<Overflow>('error', 'drop-oldest', 'drop-newest'),
    bad: fc.oneof({ weight: 4, arbitrary: fc.constant(-1) }, fc.nat(3)),
    moves: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
    argument: fc.constantFrom<Job['argument']>('plain', 'plain', 'plain', 'plain', 'moved', 'bad'),
    demand: fc.constantFrom<Job['demand']>('always', 'on demand'),
  })
  .map((drawn) =>
    drawn.overflow === 'drop-oldest' && drawn.window < 2 ? { ...drawn, window: 2 } : drawn,
  );

const nth = fc.nat(5);
const about = <S extends string>(...steps: S[]) =>
  fc.record({ step: fc.constantFrom(...steps), nth }) as fc.Arbitrary<{ step: S; nth: number }>;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ step: fc.constant('execute' as const), job }) },
  { weight: 6, arbitrary: fc.constantFrom<Step>({ step: 'flow' }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ step: 'tick' }, { step: 'turn' }) },
  { weight: 3, arbitrary: about('hand to thread', 'hand to main') },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>(
      ...[0.1, 2, 30, 1_000].map((time) => ({ step: 'wait' as const, time })),
    ),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      step: fc.constantFrom('emit' as const, 'emit' as const, 'ask for' as const),
      nth,
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 5, arbitrary: about('finish', 'settle', 'load', 'bury') },
  { weight: 3, arbitrary: about('cancel', 'cancel', 'cancel', 'force') },
  {
    weight: 2,
    arbitrary: fc.record({
      step: fc.constant('kill' as const),
      nth,
      death: fc.constantFrom<Death>('exits', 'throws', 'is terminated', 'runs out of memory'),
    }),
  },
);

const LOADED = ['loaded', 'loaded', 'loaded'] as const;

/** Programs of about so many steps. */
export const toPrograms = (length: number): fc.Arbitrary<Program> =>
  fc.record({
    size: fc.constantFrom(1, 1, 2),
    overlap: fc.constantFrom(1, 2),
    maxRuns: fc.constantFrom(Infinity, Infinity, 1, 2),
    modules: fc.constantFrom<Program['modules']>(...LOADED, ...LOADED, 'slow', 'slow', 'bad'),
    together: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    steps: fc.array(step, { minLength: Math.ceil(length / 4), maxLength: length, size: 'max' }),
  });
