import { type InteropObservable, type Observable, isObservable, observable } from 'rxjs';
import { InvalidPayloadError, show } from '../errors.js';
import type { TaskContext } from './context.js';

/** A value as it is emitted: `undefined` is no value. */
export type Value<T> = Exclude<T, void | undefined>;

/** What a function payload emits, told from what it returns. Anything without a shape of its own is one value. */
export type Emitted<R> =
  R extends Observable<infer T>
    ? Value<T>
    : R extends InteropObservable<infer T>
      ? Value<T>
      : R extends PromiseLike<infer T>
        ? Value<T>
        : R extends AsyncIterable<infer T> | Generator<infer T> | ReadableStream<infer T>
          ? Value<T>
          : Value<R>;

/** A function payload: called once per attempt with its arguments and, last, the context. */
export type PayloadFunction<R = unknown, A extends readonly unknown[] = readonly never[]> = (
  ...args: [...A, TaskContext]
) => R;

/** What a user hands in: an Observable (subscribed once per attempt) or a function (called once per attempt). */
export type Payload<T = unknown> = Observable<T> | InteropObservable<T> | PayloadFunction;

/**
 * Checks that a payload can be run again and again.
 *
 * @throws {@link InvalidPayloadError} for what has already started (a promise, an iterator) or can't run at all.
 */
export function checkPayload(payload: unknown): asserts payload is Payload {
  if (typeof payload === 'function' || isObservableLike(payload)) return;
  throw new InvalidPayloadError(
    `payload is ${show(payload)}, which ${hasStarted(payload) ? 'has already started and could not be restarted' : 'cannot be run'}: wrap it in a function, () => …, or hand in an Observable`,
  );
}

/** Of this copy of RxJS, of another one, or of anything with the interop symbol. */
export function isObservableLike(value: unknown): value is Observable<unknown> {
  return isObservable(value) || typeof interop(value) === 'function';
}

/** The interop method, if there is one. */
export function interop(value: unknown): unknown {
  return isObject(value) ? (value as Record<symbol | string, unknown>)[observable] : undefined;
}

/** Whether a value is asynchronous or lazy by its shape, never by its class: it may be from another realm. */
export const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  isObject(value) && typeof (value as Partial<PromiseLike<unknown>>).then === 'function';

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  isObject(value) &&
  typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';

const hasStarted = (value: unknown) =>
  isPromiseLike(value) ||
  isAsyncIterable(value) ||
  (isObject(value) && typeof (value as Partial<Iterator<unknown>>).next === 'function');

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
