import type { Observable } from 'rxjs';
import { InvalidPayloadError } from '../errors.js';
import { show } from '../show.js';
import type { AnyPayload } from './shapes.js';
import { brandOf } from './threaded-payload.js';

/**
 * Checks that a payload can be run again and again.
 *
 * @throws {@link InvalidPayloadError} for what has already started (a promise, an iterator) or can't run at all.
 */
export function checkPayload(payload: unknown): asserts payload is AnyPayload {
  const brand = brandOf(payload);
  if (brand === true) return;
  if (brand !== undefined) throw new InvalidPayloadError(notCalled(payload));
  if (typeof payload === 'function' ? !isClass(payload) : isObservableLike(payload)) return;
  throw new InvalidPayloadError(
    `payload is ${show(payload)}, which ${hasStarted(payload) ? 'has already started and could not be restarted' : 'cannot be run'}: wrap it in a function, () => …, or hand in an Observable`,
  );
}

/** Of this copy of RxJS, of another one, or of anything with the interop symbol. */
export function isObservableLike(value: unknown): value is Observable<unknown> {
  return isObservable(value) || interop(value) !== undefined;
}

/** Whether it's an Observable of RxJS, of any copy: by the shape, as RxJS tells it too. */
export const isObservable = (value: unknown): value is Observable<unknown> =>
  isObject(value) &&
  typeof (value as Liftable).lift === 'function' &&
  typeof (value as Liftable).subscribe === 'function';

interface Liftable {
  readonly lift?: unknown;
  readonly subscribe?: unknown;
}

/** The interop method, if there is one: under the symbol, or under the name it has where there was no symbol. */
export function interop(value: unknown): (() => unknown) | undefined {
  if (!isObject(value)) return undefined;
  const { observable } = Symbol as { readonly observable?: symbol };
  const members = value as Record<symbol | string, unknown>;
  const method = (observable && members[observable]) ?? members['@@observable'];
  return typeof method === 'function' ? (method as () => unknown) : undefined;
}

/** Whether a value is asynchronous or lazy by its shape, never by its class: it may be from another realm. */
export const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  isObject(value) && typeof (value as Partial<PromiseLike<unknown>>).then === 'function';

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  isObject(value) &&
  typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';

/** A class can't be called. Its `prototype` can't be replaced, a function's can unless it's frozen. */
const isClass = (payload: { readonly prototype?: unknown }) =>
  payload.prototype !== undefined &&
  Object.getOwnPropertyDescriptor(payload, 'prototype')?.writable === false &&
  CLASS.test(Function.prototype.toString.call(payload));

/** As a class begins, or a proxy of one: a service's class is. */
const CLASS = /^(class|function \(\) \{ \[native code\])/;

const hasStarted = (value: unknown) =>
  isPromiseLike(value) ||
  isAsyncIterable(value) ||
  (isObject(value) && typeof (value as Partial<Iterator<unknown>>).next === 'function');

/** A builder is a function and its module looks like anything, so both are told by their brand alone. */
const notCalled = (payload: unknown) =>
  typeof payload === 'function'
    ? `payload is the builder of "${payload.name}": call it, as in work.${payload.name}(…)`
    : 'payload is a whole worker module: call one of its exports, as in work.run(…)';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
