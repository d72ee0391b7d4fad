import { types } from 'node:util';
import { InvalidPayloadError } from '../errors.js';
import { isAsyncIterable, isObservableLike, isPromiseLike } from './payload.js';
import { pullAsync, pullSync } from './pull.js';
import type { Entry, Sink } from './shapes.js';
import { subscribeTo } from './subscribe-to.js';
import { isThreaded } from './threaded-payload.js';

/**
 * Runs one attempt of a payload on this thread: calls a function, then subscribes what it has got, by
 * its shape. An Observable, a promise, an async iterable or a generator object emits its values;
 * anything else, strings and arrays included, is one value.
 *
 * @param subscribe  How an Observable is subscribed. @default as an entry, which is a subscriber itself
 */
export function enterPayload(entry: Entry): void;
export function enterPayload<S extends Sink>(sink: S, subscribe: Subscribe<S>): void;
export function enterPayload(sink: Sink, subscribe: Subscribe<never> = subscribeTo): void {
  const { payload, args } = sink;
  if (typeof payload !== 'function') {
    if (isThreaded(payload)) throw new InvalidPayloadError(NOT_HERE);
    enterObservable(payload, sink, subscribe);
    return;
  }
  // Without arguments of its own, which is most: a spread call is never inlined.
  const { context } = sink;
  const call = payload as (...args: unknown[]) => unknown;
  emit(args.length === 0 ? call(context) : call(...args, context), sink, subscribe);
}

type Subscribe<S> = (source$: object, sink: S) => void;

function emit(result: unknown, sink: Sink, subscribe: Subscribe<never>): void {
  if (result === undefined) {
    sink.complete();
  } else if (isObservableLike(result)) {
    enterObservable(result, sink, subscribe);
  } else if (isPromiseLike(result)) {
    settle(result, sink);
  } else if (isAsyncIterable(result)) {
    pullAsync(result[Symbol.asyncIterator](), sink);
  } else if (types.isGeneratorObject(result)) {
    pullSync(result, sink);
  } else {
    emitLast(result, sink);
  }
}

function emitLast(value: unknown, sink: Sink): void {
  if (sink.last) sink.last(value);
  else {
    sink.next(value);
    sink.complete();
  }
}

function enterObservable(source$: object, sink: Sink, subscribe: Subscribe<never>): void {
  sink.leave = 'unsubscribe';
  subscribe(source$, sink as never);
}

/** Watched to its end, also when the attempt has been asked to stop: a late rejection is not lost. */
function settle(promise: PromiseLike<unknown>, sink: Sink): void {
  sink.leave = 'wait';
  promise.then(
    (value) => {
      emitLast(value, sink);
    },
    (error: unknown) => {
      sink.error(error);
    },
  );
}

const NOT_HERE =
  'a payload made by threaded() runs on threads: leave option "flavour" out, or give \'thread\'';
