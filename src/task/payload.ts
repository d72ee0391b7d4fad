import { type Observable, isObservable, observable } from 'rxjs';
import { InvalidPayloadError } from '../errors.js';
import { show } from '../show.js';
import type { AnyPayload } from './shapes.js';

/**
 * Checks that a payload can be run again and again.
 *
 * @throws {@link InvalidPayloadError} for what has already started (a promise, an iterator) or can't run at all.
 */
export function checkPayload(payload: unknown): asserts payload is AnyPayload {
  if (typeof payload === 'function' ? !isClass(payload) : isObservableLike(payload)) return;
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

/** A class can't be called. Its `prototype` can't be replaced, a function's can unless it's frozen. */
const isClass = (payload: { readonly prototype?: unknown }) =>
  payload.prototype !== undefined &&
  Object.getOwnPropertyDescriptor(payload, 'prototype')?.writable === false &&
  Function.prototype.toString.call(payload).startsWith('class');

const hasStarted = (value: unknown) =>
  isPromiseLike(value) ||
  isAsyncIterable(value) ||
  (isObject(value) && typeof (value as Partial<Iterator<unknown>>).next === 'function');

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
