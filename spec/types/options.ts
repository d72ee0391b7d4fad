import { NEVER, type Observable, asapScheduler, of } from 'rxjs';
import {
  type MemberSpec,
  Runner,
  constant,
  defineFlavour,
  exponential,
  flavours,
  group,
  linear,
  runGroup,
  supervise,
} from '../../src/index.js';
import type { Equal, Expect } from './support.js';

declare const runner: Runner;

/* Unknown keys are refused, and values of the wrong type. */

new Runner({ grace: Infinity, shutdownTimeout: 1_000, scheduler: asapScheduler });
// @ts-expect-error -- there is no option `timeout`
new Runner({ timeout: 1_000 });
// @ts-expect-error -- times are numbers
new Runner({ grace: '5s' });

void runner.run({ signals: true, signal: AbortSignal.timeout(1_000), until: 'idle' });
// @ts-expect-error -- there is no such end
void runner.run({ until: 'done' });
// @ts-expect-error -- there is no option `stop$`: that is runGroup's
void runner.run({ stop$: NEVER });

runner.adopt(NEVER, {
  name: 'all',
  flavour: flavours.async,
  args: [],
  grace: 1_000,
  restart: 'on-failure',
  backoff: exponential({ initial: 10, factor: 3, max: 1_000, jitter: 'full' }),
  resetAfter: 1_000,
  maxRestarts: 3,
  within: 1_000,
  scheduler: asapScheduler,
  awaitReady: true,
  errors: 'deliver',
});
// @ts-expect-error -- there is no option `retries`
runner.adopt(NEVER, { retries: 3 });
// @ts-expect-error -- there is no such policy
runner.adopt(NEVER, { restart: 'sometimes' });
// @ts-expect-error -- a backoff is a function of the count
runner.adopt(NEVER, { backoff: 1_000 });
// @ts-expect-error -- errors are the runner's or the subscribers', not nobody's
runner.adopt(NEVER, { errors: 'ignore' });
// @ts-expect-error -- a flavour is a name or a whole flavour, not a bare scheduler
runner.adopt(NEVER, { flavour: asapScheduler });
// @ts-expect-error -- an execution isn't restarted
runner.execute(NEVER, { restart: 'always' });
// @ts-expect-error -- an execution is ready when it starts
runner.execute(NEVER, { awaitReady: true });
// @ts-expect-error -- an iteration isn't restarted
runner.iterate(NEVER, { backoff: constant(1) });

/* What `exactOptionalPropertyTypes` asks for: an absent option is left out. */

// @ts-expect-error -- an option is left out, not undefined
runner.adopt(NEVER, { name: undefined });

/* Options are only read. */

export type OnlyRead = [
  Expect<Equal<Parameters<typeof exponential>[0], Readonly<Parameters<typeof exponential>[0]>>>,
  Expect<Equal<Parameters<typeof supervise>[0], Readonly<Parameters<typeof supervise>[0]>>>,
  Expect<Equal<Parameters<typeof runGroup>[1], Readonly<Parameters<typeof runGroup>[1]>>>,
];

/* Backoffs are functions of the count. */

const backoffs = [constant(1), linear({ initial: 1, step: 1, max: 9 }), exponential()];

export type Backoffs = Expect<Equal<(typeof backoffs)[number], (n: number) => number>>;

exponential({ jitter: 'none' });
exponential({ jitter: (delay, random) => delay * random() });
// @ts-expect-error -- there is no such jitter
exponential({ jitter: 'some' });
// @ts-expect-error -- there is no option `base`
exponential({ base: 2 });
// @ts-expect-error -- a constant is a number
constant({ delay: 1 });

/* `supervise` mirrors its source. */

const supervised$ = of(1, 'a').pipe(supervise({ restart: 'always', name: 'uplink' }));

export type Mirrors = Expect<Equal<typeof supervised$, Observable<string | number>>>;

// @ts-expect-error -- `grace` is a matter of tasks
supervise({ grace: 1_000 });

/* A group is a payload that emits nothing; a member needs a name and a payload. */

const grouped = runner.adopt(
  group(
    [
      { name: 'store', payload: NEVER, awaitReady: true, significant: true },
      { name: 'web', payload: () => NEVER, after: ['store'], restart: 'always' },
      { name: 'inner', payload: group([]) },
      { name: 'tail', payload: (path: string) => path.length, args: ['a.log'] },
    ],
    { strategy: 'rest-for-one' },
  ),
  { name: 'all' },
);

export type EmitsNothing = Expect<Equal<typeof grouped extends Observable<infer T> ? T : 0, never>>;

/* What a member's function takes is told from the `args` beside it, in place too. */

group([
  { name: 'poll', payload: (context) => context.signal.aborted },
  { name: 'feed', payload: async function* ({ attempt }) { yield await Promise.resolve(attempt); } }, // prettier-ignore
  { name: 'tail', payload: (path, context) => path.length + context.attempt, args: ['a.log'] },
  { name: 'add', payload: (a: number, b: number) => a + b, args: [1, 2] },
]);
// @ts-expect-error -- the argument is missing
group([{ name: 'tail', payload: (path: string) => path.length }]);
// @ts-expect-error -- the argument is a string
group([{ name: 'tail', payload: (path: string) => path.length, args: [1] }]);
// @ts-expect-error -- arguments are a list
group([{ name: 'tail', payload: NEVER, args: 1 }]);

/* A list that is made elsewhere. */

const plain: MemberSpec[] = [{ name: 'web', payload: NEVER }];
const mapped = ['a.log', 'b.log'].map((path): MemberSpec<[string]> => ({
  name: path,
  payload: (file: string, context) => file + context.name,
  args: [path],
}));

group(plain);
group(mapped);
group([...plain, { name: 'all', payload: group(mapped) }]);
void runGroup(plain, { signals: false });

// @ts-expect-error -- a member needs a name
group([{ payload: NEVER }]);
// @ts-expect-error -- a member needs a payload
group([{ name: 'web' }]);
// @ts-expect-error -- `after` is a list
group([{ name: 'web', payload: NEVER, after: 'store' }]);
// @ts-expect-error -- there is no such strategy
group([], { strategy: 'all' });
// @ts-expect-error -- a group has no grace of its own
group([], { grace: 1_000 });
// @ts-expect-error -- a promise has already started
group([{ name: 'web', payload: Promise.resolve() }]);

void runGroup([], { stop$: NEVER, keepAlive: true, grace: 10, strategy: 'one-for-all' });
// @ts-expect-error -- `stop$` is an Observable
void runGroup([], { stop$: Promise.resolve() });

/* A flavour is a name and a scheduler. */

runner.adopt(NEVER, { flavour: defineFlavour('own', asapScheduler) });
// @ts-expect-error -- the scheduler is missing
defineFlavour('own');
// @ts-expect-error -- there is no such flavour built in
void flavours.thread;
