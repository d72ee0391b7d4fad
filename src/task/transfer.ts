import { types } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { checkGiven } from './check.js';

/** Marks a {@link Transfer}, whatever copy of this package has made it. */
export const TRANSFER: unique symbol = Symbol.for('rxvisor.transfer') as never;

/** What can be moved between threads instead of being copied. */
export type Transferable =
  | NonNullable<Parameters<MessagePort['postMessage']>[1]>[number]
  // What `bytes.buffer` is to the compiler.
  | ArrayBufferLike;

/** A value that is moved to another thread: see {@link transfer}. */
export interface Transfer<T> {
  readonly [TRANSFER]: true;
  readonly value: T;
  readonly list: readonly Transferable[];
}

/**
 * Marks an argument of a threaded payload, or a value that one emits, to be moved to the other thread
 * instead of being copied: afterwards what is in the list can't be used where it was.
 *
 *     runner.execute(work.blur(transfer(pixels, [pixels.buffer])));
 *
 * A payload whose arguments have been moved runs once.
 *
 * @param list  What is moved, all of it part of the value: ArrayBuffers (not views of them), ports, streams, file handles.
 * @throws {@link InvalidOptionError}
 * @see the transfer list of `postMessage`
 */
export function transfer<T>(value: T, list: readonly Transferable[]): Transfer<T> {
  checkGiven('list', list, {
    accepts: (given) => Array.isArray(given) && given.every(isTransferable),
    wanted:
      'give an array of ArrayBuffers (the buffer, not its view), MessagePorts, streams or FileHandles',
  });
  return Object.freeze({ [TRANSFER]: true, value, list: Object.freeze([...list]) });
}

/** Whether a value is to be moved. */
export const isTransfer = (value: unknown): value is Transfer<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  (value as Partial<Transfer<unknown>>)[TRANSFER] === true;

/** Gives the value itself, and adds to a list what of it is to be moved. */
export function unwrap(value: unknown, into: Transferable[]): unknown {
  if (!isTransfer(value)) return value;
  for (const each of value.list) into.push(each);
  return value.value;
}

const TRANSFERABLE = new Set([
  'AbortSignal',
  'FileHandle',
  'MessagePort',
  'ReadableStream',
  'TransformStream',
  'WritableStream',
]);

/** By the names of its classes, since it may be of another realm. */
const isTransferable = (value: unknown): boolean =>
  types.isArrayBuffer(value) ||
  (typeof value === 'object' && value !== null && classNames(value).some(isOneOfThem));

const isOneOfThem = (name: string) => TRANSFERABLE.has(name);

function classNames(value: object): string[] {
  const parent = Object.getPrototypeOf(value) as object | null;
  return parent ? [parent.constructor.name, ...classNames(parent)] : [];
}
