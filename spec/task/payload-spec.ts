import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { NEVER, Subject, from, observable } from 'rxjs';
import { InvalidPayloadError } from '../../src/errors.js';
import { threaded } from '../../src/task/threaded.js';
import {
  checkPayload,
  interop,
  isAsyncIterable,
  isObservable,
  isObservableLike,
  isPromiseLike,
} from '../../src/task/payload.js';

describe('checkPayload', () => {
  const check = (payload: unknown) => () => {
    checkPayload(payload);
  };

  it.each([
    ['an Observable', NEVER],
    ['a Subject', new Subject()],
    ['an Observable of another copy of RxJS', { [observable]: () => NEVER }],
    ['a function', () => 1],
    ['an async function', async () => 1],
    [
      'a generator function',
      function* () {
        yield 1;
      },
    ],
    [
      'a frozen function',
      Object.freeze(function poll() {
        return 1;
      }),
    ],
    [
      'a frozen generator function',
      Object.freeze(function* () {
        yield 1;
      }),
    ],
    ['a function of another realm', runInNewContext('() => 1') as unknown],
  ])('should accept %s', (_title, payload) => {
    expect(check(payload)).not.toThrow();
  });

  it.each([
    ['a promise', Promise.resolve(1)],
    ['a promise of another realm', runInNewContext('Promise.resolve(1)') as unknown],
    [
      'a generator object',
      (function* () {
        yield 1;
      })(),
    ],
    [
      'an async generator object',
      (async function* () {
        yield 1;
      })(),
    ],
    ['a ReadableStream', new ReadableStream()],
    ['an iterator', [1, 2].values()],
  ])('should refuse %s: it has already started', (_title, payload) => {
    expect(check(payload)).toThrow(InvalidPayloadError);
    expect(check(payload)).toThrow(/^payload is .*has already started and could not be restarted/);
    expect(check(payload)).toThrow('wrap it in a function');
  });

  it.each([
    ['a string', 'abc'],
    ['an array', [1, 2]],
    ['a number', 7],
    ['null', null],
    ['undefined', undefined],
    ['an object', {}],
    ['a Map', new Map()],
    ['a class, which cannot be called', class Poller extends Map {}],
    ['an object with a subscribe method only', { subscribe: () => undefined }],
  ])('should refuse %s', (_title, payload) => {
    expect(check(payload)).toThrow(InvalidPayloadError);
    expect(check(payload)).toThrow(/^payload is .*, which cannot be run: wrap it in a function/);
    expect(check(payload)).toThrow(
      expect.objectContaining({ code: 'ERR_RXVISOR_INVALID_PAYLOAD' }),
    );
  });
});

describe('checkPayload, of what is made by threaded()', () => {
  const work: Record<string, () => unknown> = threaded('file:///app/work.js');
  const check = (payload: unknown) => () => {
    checkPayload(payload);
  };

  it('should accept a payload, of another copy of the package too', () => {
    expect(check(work.digest!())).not.toThrow();
    expect(check({ [Symbol.for('rxvisor.threaded')]: true })).not.toThrow();
  });

  it('should refuse its builder, which has not been called', () => {
    expect(check(work.digest)).toThrow(InvalidPayloadError);
    expect(check(work.digest)).toThrow('"digest": call it, as in work.digest(…)');
    expect(check(work.default)).toThrow('call it, as in work.default(…)');
  });

  it('should refuse the builders of a module, though they look like an Observable', () => {
    expect(check(work)).toThrow(InvalidPayloadError);
    expect(check(work)).toThrow('call one of its exports');
  });
});

describe('the shapes', () => {
  const plain = [undefined, null, 0, 7, '', 'abc', true, [], {}, () => 1, Symbol('a')];

  it.each(plain)('should not be seen in %p', (value) => {
    expect(isObservableLike(value)).toBe(false);
    expect(isPromiseLike(value)).toBe(false);
    expect(isAsyncIterable(value)).toBe(false);
    expect(interop(value)).toBeUndefined();
  });

  it('should be seen in Observables', () => {
    expect(isObservableLike(NEVER)).toBe(true);
    expect(isObservableLike({ [observable]: () => NEVER })).toBe(true);
    expect(isObservableLike({ [observable]: 'none' })).toBe(false);
    expect(isPromiseLike(NEVER)).toBe(false);
    expect(isObservable(NEVER)).toBe(true);
    expect(isObservable({ [observable]: () => NEVER })).toBe(false);
    expect(isObservable({ lift: () => NEVER })).toBe(false);
  });

  it('should be seen in what has a method then', () => {
    expect(isPromiseLike(Promise.resolve())).toBe(true);
    expect(isPromiseLike(runInNewContext('Promise.resolve()'))).toBe(true);
    expect(isPromiseLike({ then: 1 })).toBe(false);
  });

  it('should be seen in async iterables, and not in iterables', () => {
    expect(isAsyncIterable((async function* () {})())).toBe(true);
    expect(isAsyncIterable(new ReadableStream())).toBe(true);
    expect(isAsyncIterable((function* () {})())).toBe(false);
    expect(isAsyncIterable(new Set())).toBe(false);
  });

  it('should give the interop method of an Observable', () => {
    const method = (): unknown => from([1]);

    expect(interop({ [observable]: method })).toBe(method);
    expect(interop({ '@@observable': method })).toBe(method);
  });
});
