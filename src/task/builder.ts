import type { AnyFunction, Emitted, TaskContext, Value } from './shapes.js';
import type { THREADED, ThreadedPayload } from './threaded-payload.js';
import type { Transfer } from './transfer.js';

// What the builders of a worker module take and make, told from the types of its exports. Types only.

/**
 * One builder for each function that a worker module exports: called with the function's arguments,
 * it makes a payload. Every argument is given, `undefined` for one that is left out, since the
 * context comes after them.
 */
export type Threaded<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? Exclude<K, Unreachable> : never]: Builder<
    M[K]
  >;
};

/** What is asked of any object, to see whether it's a promise, an Observable, or knows its JSON. */
export type Unreachable = 'then' | 'toJSON' | '@@observable';

/** Makes a payload of the arguments of a worker's function, each of which may be moved. */
export type Builder<F> = F extends (...args: infer A) => infer R
  ? BuilderOf<A, Crossed<Emitted<R>>>
  : never;

interface BuilderOf<A extends readonly unknown[], T> {
  (...args: Extract<ArgumentsOf<A>, readonly unknown[]>): ThreadedPayload<T>;
  readonly [THREADED]: 'builder';
}

/** What a value is on the other side. */
type Crossed<T> = T extends Transfer<infer U> ? Value<U> : T;

type ArgumentsOf<A extends readonly unknown[]> = Fitting<A, WithoutContext<Boxed<A>>>;

/** Each argument in a box, so that one that may be left out becomes one that may be `undefined`. */
type Boxed<A extends readonly unknown[]> = { readonly [K in keyof A]-?: readonly [A[K]] };

type WithoutContext<B extends readonly unknown[]> = B extends readonly [...infer Rest, infer Last]
  ? IsContext<Last> extends true
    ? Rest
    : B
  : B;

/** Whether it's the context and nothing but the context: `any` and `unknown` are arguments. */
type IsContext<B> = B extends readonly [infer T]
  ? 0 extends 1 & T
    ? false
    : [T] extends [TaskContext | undefined]
      ? [TaskContext] extends [T]
        ? true
        : false
      : false
  : false;

/** The arguments, if the context that comes after them is none of a rest parameter's. */
type Fitting<
  A extends readonly unknown[],
  B extends readonly unknown[],
> = number extends B['length']
  ? [...Unboxed<B>, TaskContext] extends A
    ? Offered<B>
    : [refused: RestParameterWouldTakeTheContext]
  : Offered<B>;

type Unboxed<B extends readonly unknown[]> = {
  [K in keyof B]: B[K] extends readonly [infer T] ? T : never;
};

type Offered<B extends readonly unknown[]> = {
  [K in keyof B]: B[K] extends readonly [infer T] ? T | Transfer<T> : never;
};

/**
 * A worker's function is given its context last, so what takes any number of arguments has to say so:
 * `(...all: [...string[], TaskContext])`.
 */
interface RestParameterWouldTakeTheContext {
  readonly [REFUSED]: true;
}
declare const REFUSED: unique symbol;
