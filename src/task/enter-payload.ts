import { types } from 'node:util';
import { from, isObservable } from 'rxjs';
import type { Entry } from './shapes.js';
import { isAsyncIterable, isObservableLike, isPromiseLike } from './payload.js';
import { pullAsync, pullSync } from './pull.js';

/**
 * Runs one attempt of a payload on this thread: calls a function, then subscribes what it has got, by
 * its shape. An Observable, a promise, an async iterable or a generator object emits its values;
 * anything else, strings and arrays included, is one value.
 */
export function enterPayload(entry: Entry): void {
  const { payload, args } = entry;
  if (typeof payload !== 'function') {
    subscribe(payload, entry);
    return;
  }
  // Without arguments of its own, which is most: a spread call is never inlined.
  const { context } = entry;
  const call = payload as (...args: unknown[]) => unknown;
  emit(args.length === 0 ? call(context) : call(...args, context), entry);
}

function emit(result: unknown, entry: Entry): void {
  if (result === undefined) {
    entry.complete();
  } else if (isObservableLike(result)) {
    subscribe(result, entry);
  } else if (isPromiseLike(result)) {
    settle(result, entry);
  } else if (isAsyncIterable(result)) {
    pullAsync(result[Symbol.asyncIterator](), entry);
  } else if (types.isGeneratorObject(result)) {
    pullSync(result, entry);
  } else {
    entry.next(result);
    entry.complete();
  }
}

function subscribe(source$: object, entry: Entry): void {
  entry.leave = 'unsubscribe';
  const observable$ = isObservable(source$) ? source$ : from(source$ as never);
  observable$.subscribe(entry);
}

/** Watched to its end, also when the attempt has been asked to stop: a late rejection is not lost. */
function settle(promise: PromiseLike<unknown>, entry: Entry): void {
  entry.leave = 'wait';
  promise.then(
    (value) => {
      entry.next(value);
      entry.complete();
    },
    (error: unknown) => {
      entry.error(error);
    },
  );
}
