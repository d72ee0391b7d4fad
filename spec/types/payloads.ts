import { EMPTY, NEVER, type InteropObservable, type Observable, of } from 'rxjs';
import {
  type AdoptOptions,
  type AdoptedTask,
  type Emitted,
  type Payload,
  Runner,
  type TaskContext,
} from '../../src/index.js';
import type { Brought, Equal, Expect } from './support.js';

declare const runner: Runner;
declare const context: TaskContext;
declare const interop: InteropObservable<number>;

/* What `adopt` returns is a task of what the payload emits, whatever its shape. */

const fromObservable = runner.adopt(of(1, 'a'));
const fromInterop = runner.adopt(interop);
const fromValue = runner.adopt(() => 1);
const fromString = runner.adopt(() => 'text');
const fromArray = runner.adopt(() => [1, 2]);
const fromNull = runner.adopt(() => null);
const fromReturnedObservable = runner.adopt(() => of(1));
const fromReturnedInterop = runner.adopt(() => interop);
const fromPromise = runner.adopt(async () => Promise.resolve(1));
const fromThenable = runner.adopt(() => ({}) as PromiseLike<Date>);
const fromAsyncGenerator = runner.adopt(async function* () {
  yield* [await Promise.resolve(1)];
  return 'not emitted';
});
const fromGenerator = runner.adopt(function* () {
  yield 1;
  yield 'a';
});
const fromStream = runner.adopt(() => new ReadableStream<Uint8Array>());
const fromAsyncIterable = runner.adopt(() => ({}) as AsyncIterable<bigint>);

export type Adopted = [
  Expect<Equal<typeof fromObservable, AdoptedTask<string | number>>>,
  Expect<Equal<typeof fromInterop, AdoptedTask<number>>>,
  Expect<Equal<typeof fromValue, AdoptedTask<number>>>,
  Expect<Equal<typeof fromString, AdoptedTask<string>>>,
  Expect<Equal<typeof fromArray, AdoptedTask<number[]>>>,
  Expect<Equal<typeof fromNull, AdoptedTask<null>>>,
  Expect<Equal<typeof fromReturnedObservable, AdoptedTask<number>>>,
  Expect<Equal<typeof fromReturnedInterop, AdoptedTask<number>>>,
  Expect<Equal<typeof fromPromise, AdoptedTask<number>>>,
  Expect<Equal<typeof fromThenable, AdoptedTask<Date>>>,
  Expect<Equal<typeof fromAsyncGenerator, AdoptedTask<number>>>,
  Expect<Equal<typeof fromGenerator, AdoptedTask<1 | 'a'>>>,
  Expect<Equal<typeof fromStream, AdoptedTask<Uint8Array>>>,
  Expect<Equal<typeof fromAsyncIterable, AdoptedTask<bigint>>>,
];

/* `undefined` is no value. */

const fromVoid = runner.adopt(() => undefined);
const fromNothing = runner.adopt(() => {
  context.ready();
});
const fromAsyncVoid = runner.adopt(async () => {
  await Promise.resolve();
});
const fromMaybe = runner.adopt(() => ({}) as number | undefined);
const fromMaybePromise = runner.adopt(() => Promise.resolve({} as string | undefined));
const fromNever = runner.adopt((): never => {
  throw new Error('boom');
});
const fromEmpty = runner.adopt(EMPTY);
const fromEndless = runner.adopt(NEVER);

export type NoValue = [
  Expect<Equal<typeof fromVoid, AdoptedTask<never>>>,
  Expect<Equal<typeof fromNothing, AdoptedTask<never>>>,
  Expect<Equal<typeof fromAsyncVoid, AdoptedTask<never>>>,
  Expect<Equal<typeof fromMaybe, AdoptedTask<number>>>,
  Expect<Equal<typeof fromMaybePromise, AdoptedTask<string>>>,
  Expect<Equal<typeof fromNever, AdoptedTask<never>>>,
  Expect<Equal<typeof fromEmpty, AdoptedTask<never>>>,
  Expect<Equal<typeof fromEndless, AdoptedTask<never>>>,
];

/* Several shapes in one function: what each of them emits. */

const fromUnion = runner.adopt(() => ({}) as Promise<number> | Observable<string> | boolean);

export type Union = Expect<Equal<typeof fromUnion, AdoptedTask<string | number | boolean>>>;

export type OfAlias = [
  Expect<Equal<Emitted<Observable<1 | undefined>>, 1>>,
  Expect<Equal<Emitted<Promise<void>>, never>>,
  Expect<Equal<Emitted<Map<string, number>>, Map<string, number>>>,
  Expect<Equal<Emitted<Set<number>>, Set<number>>>,
];

/* One of several payloads, and one of which nothing more is known. */

declare const either: (() => Generator<number>) | (() => AsyncGenerator<string>);
declare const some: Payload;
declare const optionsMadeElsewhere: AdoptOptions;

const fromEither = runner.adopt(either);
const fromSome = runner.adopt(some, optionsMadeElsewhere);

export type Unknown = [
  Expect<Equal<typeof fromEither, AdoptedTask<string | number>>>,
  Expect<Equal<typeof fromSome, AdoptedTask<unknown>>>,
];

/* `execute` and `iterate` infer as `adopt` does. */

const executed = [
  runner.execute(of(1)),
  runner.execute(() => 1),
  runner.execute(async () => Promise.resolve(1)),
  runner.execute(() => of(1)),
  runner.execute(function* () {
    yield 1 as number;
  }),
] as const;
const executedNothing = runner.execute(() => undefined);
const iterated = [
  runner.iterate(of(1)),
  runner.iterate(() => 1),
  runner.iterate(async () => Promise.resolve(1)),
  runner.iterate(async function* () {
    yield await Promise.resolve(1);
  }),
] as const;

export type ExecutedAndIterated = [
  Expect<Equal<Brought<(typeof executed)[number]>, number>>,
  Expect<Equal<typeof executedNothing, Observable<never>>>,
  Expect<Equal<(typeof iterated)[number], AsyncIterableIterator<number>>>,
];

/* What has already started, and what can't run, is refused. */

// @ts-expect-error -- a promise has already started
runner.adopt(Promise.resolve(1));
// @ts-expect-error -- a generator object has already started
runner.adopt((function* () { yield 1; })()); // prettier-ignore
// @ts-expect-error -- a string is a value, not something to run
runner.execute('text');
// @ts-expect-error -- an array is a value, not something to run
runner.iterate([1, 2]);
// @ts-expect-error -- there is nothing to run
runner.adopt();
