/* eslint-disable @typescript-eslint/no-deprecated -- an attempt is a Subscriber */
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as rxjs from 'rxjs';
import { subscribeTo } from '../../src/task/subscribe-to.js';

/** A second copy of RxJS: what has no dependencies can't be the first one. */
const foreign = createRequire(import.meta.url)(
  '../../node_modules/rxjs/dist/bundles/rxjs.umd.js',
) as typeof rxjs;

/** Does with an observer what RxJS 6 does with one that isn't a subscriber of its own. */
class OldObservable {
  readonly _isScalar = false;
  readonly #subscribe: (observer: rxjs.Observer<unknown>) => () => void;

  constructor(subscribe: (observer: rxjs.Observer<unknown>) => () => void) {
    this.#subscribe = subscribe;
  }

  lift(): this {
    return this;
  }

  subscribe(observer: rxjs.Observer<unknown>): rxjs.Unsubscribable {
    const context = Object.create(observer) as rxjs.Observer<unknown>;
    return { unsubscribe: this.#subscribe(context) };
  }
}

/** What is subscribed by the interop method alone, as other libraries have it. */
const handMade = (subscribe: (observer: rxjs.Observer<unknown>) => () => void) => ({
  '@@observable': () => ({
    subscribe: (observer: rxjs.Observer<unknown>) => ({ unsubscribe: subscribe(observer) }),
  }),
});

class Noted extends rxjs.Subscriber<unknown> {
  readonly notes: unknown[] = [];

  get hasEnded(): boolean {
    return this.isStopped;
  }

  override next(value?: unknown): void {
    this.notes.push(value);
  }

  // As an attempt does, it keeps its state on itself.
  override error(error: unknown): void {
    this.isStopped = true;
    this.notes.push(['error', error]);
  }

  override complete(): void {
    this.isStopped = true;
    this.notes.push('complete');
  }
}

const subscribed = (source$: object): Noted => {
  const subscriber = new Noted();
  subscribeTo(source$, subscriber);
  return subscriber;
};

type Make = (subscribe: (observer: rxjs.Observer<unknown>) => () => void) => object;

const KINDS: readonly (readonly [string, Make])[] = [
  ['of this copy of RxJS', (subscribe) => new rxjs.Observable(subscribe)],
  ['of another copy of RxJS', (subscribe) => new foreign.Observable(subscribe)],
  ['of RxJS 6', (subscribe) => new OldObservable(subscribe)],
  ['of another library', handMade],
  [
    'of another library, over RxJS',
    (subscribe) => ({ '@@observable': () => new rxjs.Observable(subscribe) }),
  ],
  [
    'of another library, over RxJS 6',
    (subscribe) => ({ '@@observable': () => new OldObservable(subscribe) }),
  ],
];
const boom = new Error('boom');

describe.each(KINDS)('an Observable %s', (_kind, make) => {
  it('should bring its values and its completion', () => {
    const source$ = make((observer) => {
      observer.next('a');
      observer.next('b');
      observer.complete();
      return () => undefined;
    });

    const subscriber = subscribed(source$);

    expect(subscriber.notes).toEqual(['a', 'b', 'complete']);
    expect(subscriber.hasEnded).toBe(true);
  });

  it('should bring the very error', () => {
    const source$ = make((observer) => {
      observer.error(boom);
      return () => undefined;
    });

    expect(subscribed(source$).notes).toEqual([['error', boom]]);
  });

  it('should be unsubscribed, once, with the subscriber', () => {
    const torn = jest.fn();
    const subscriber = subscribed(make(() => torn));
    expect(torn).not.toHaveBeenCalled();

    subscriber.unsubscribe();

    expect(torn).toHaveBeenCalledTimes(1);
  });

  it('should be unsubscribed if the subscriber was while it was being subscribed', () => {
    const torn = jest.fn();
    const subscriber = new Noted();
    const source$ = make((observer) => {
      observer.next('a');
      return torn;
    });
    subscriber.next = () => {
      subscriber.unsubscribe();
    };

    subscribeTo(source$, subscriber);

    expect(torn).toHaveBeenCalledTimes(1);
  });

  it('should be subscribed anew by each subscriber', () => {
    const subscribe = jest.fn(() => () => undefined);
    const source$ = make(subscribe);

    subscribed(source$);
    subscribed(source$);

    expect(subscribe).toHaveBeenCalledTimes(2);
  });
});

describe('what has only the interop method', () => {
  const { observable } = Symbol as { observable?: symbol };

  afterEach(() => {
    if (observable === undefined) delete (Symbol as { observable?: symbol }).observable;
  });

  it('should be subscribed under the symbol too, also one that came after RxJS', () => {
    const symbol = Symbol('observable');
    Object.defineProperty(Symbol, 'observable', { value: symbol, configurable: true });

    expect(subscribed({ [symbol]: () => rxjs.of('a') }).notes).toEqual(['a', 'complete']);
    // RxJS was loaded before, so its Observables have it under its name.
    expect(subscribed({ '@@observable': () => rxjs.of('b') }).notes).toEqual(['b', 'complete']);
  });

  it('should have its method called on itself', () => {
    const source$ = {
      values: ['a', 'b'],
      '@@observable'(): rxjs.Observable<string> {
        return rxjs.from(this.values);
      },
    };

    expect(subscribed(source$).notes).toEqual(['a', 'b', 'complete']);
  });

  it('should error with what its method throws, or subscribing', () => {
    const throwing = () => {
      throw boom;
    };

    expect(subscribed({ '@@observable': throwing }).notes).toEqual([['error', boom]]);
    expect(subscribed({ '@@observable': () => ({ subscribe: throwing }) }).notes).toEqual([
      ['error', boom],
    ]);
  });

  it.each([undefined, null, 1, {}, { subscribe: 1 }])(
    'should error with a TypeError when its method returns %p',
    (returned) => {
      const { notes } = subscribed({ '@@observable': () => returned });

      expect(notes).toEqual([['error', expect.any(TypeError)]]);
      expect(String(notes.flat()[1])).toMatch('no method subscribe');
    },
  );

  it('should do without a subscription of its own', () => {
    const source$ = {
      '@@observable': () => ({
        subscribe: (observer: rxjs.Observer<string>) => {
          observer.next('a');
        },
      }),
    };

    const subscriber = subscribed(source$);
    subscriber.unsubscribe();

    expect(subscriber.notes).toEqual(['a']);
  });
});
