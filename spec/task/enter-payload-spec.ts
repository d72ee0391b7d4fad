import { runInNewContext } from 'node:vm';
import { describe, expect, it, jest } from '@jest/globals';
import { EMPTY, NEVER, Observable, Subject, observable, of, throwError } from 'rxjs';
import type { Payload } from '../../src/task/shapes.js';
import { InvalidPayloadError } from '../../src/errors.js';
import { threaded } from '../../src/task/threaded.js';
import { enterPayload } from '../../src/task/enter-payload.js';
import { FakeEntry, settled } from './fake-entry.js';

const complete = ['complete'];
const next = (value: unknown) => ['next', value];
const boom = new Error('boom');

function enter(payload: unknown, ...args: unknown[]): FakeEntry {
  const entry = new FakeEntry(payload as Payload, args);
  enterPayload(entry);
  return entry;
}

/** Something with RxJS's interop symbol that is no Observable of this copy of it. */
const interop = (source$: Observable<unknown>) => ({ [observable]: () => source$ });

describe('enterPayload', () => {
  describe('an Observable', () => {
    it.each([
      ['empty', EMPTY, [complete]],
      ['of one value', of('a'), [next('a'), complete]],
      ['of many values', of('a', 'b'), [next('a'), next('b'), complete]],
      ['that never ends', NEVER, []],
      ['that errors', throwError(() => boom), [['error', boom]]],
    ])('should be subscribed: %s', (_title, payload, notes) => {
      const entry = enter(payload);

      expect(entry.notes).toEqual(notes);
      expect(entry.leave).toBe('unsubscribe');
    });

    it('should be subscribed once, and unsubscribed with the entry', () => {
      const subscribed = jest.fn();
      const unsubscribed = jest.fn();
      const entry = enter(
        new Observable(() => {
          subscribed();
          return unsubscribed;
        }),
      );
      expect(subscribed).toHaveBeenCalledTimes(1);

      entry.unsubscribe();

      expect(unsubscribed).toHaveBeenCalledTimes(1);
    });

    it('should know how it is left before its first value', () => {
      const seen: unknown[] = [];
      const entry = new FakeEntry(of('a'));
      entry.onNext = () => seen.push(entry.leave);

      enterPayload(entry);

      expect(seen).toEqual(['unsubscribe']);
    });

    it('should be taken by its interop symbol when it is of another copy of RxJS', () => {
      const entry = enter(interop(of('a', 'b')));

      expect(entry.notes).toEqual([next('a'), next('b'), complete]);
      expect(entry.leave).toBe('unsubscribe');
    });

    it('should be unsubscribed with the entry when it is of another library', () => {
      const unsubscribe = jest.fn();
      const entry = enter({ [observable]: () => ({ subscribe: () => ({ unsubscribe }) }) });

      entry.unsubscribe();

      expect(unsubscribe).toHaveBeenCalledTimes(1);
    });

    it('should be subscribed by whoever enters it, if that is told', () => {
      const entry = new FakeEntry(() => NEVER);
      const seen: unknown[] = [];

      enterPayload(entry, (...all) => seen.push(...all, entry.leave));

      expect(seen).toEqual([NEVER, entry, 'unsubscribe']);
    });

    it('should crash with what its subscribe function throws', () => {
      const entry = enter(
        new Observable(() => {
          throw boom;
        }),
      );

      expect(entry.notes).toEqual([['error', boom]]);
    });

    it('should be a Subject too', () => {
      const subject = new Subject<string>();
      const entry = enter(subject);

      subject.next('a');
      subject.complete();

      expect(entry.notes).toEqual([next('a'), complete]);
    });
  });

  describe('a function', () => {
    it('should be called once, with its arguments and, last, the context', () => {
      const payload = jest.fn();
      const entry = enter(payload, 'a', 'b');

      expect(payload.mock.calls).toEqual([['a', 'b', entry.context]]);
      expect(payload.mock.calls[0]![2]).toBe(entry.context);
    });

    it('should be called with the context alone when it has no arguments', () => {
      const payload = jest.fn();
      const entry = enter(payload);

      expect(payload.mock.calls).toEqual([[entry.context]]);
    });

    it('should have the context at position args.length, also when it declares fewer', () => {
      let given: unknown[] = [];
      const entry = enter((...all: unknown[]) => {
        given = all;
      }, undefined);

      expect(given).toEqual([undefined, entry.context]);
    });

    it('should throw what it throws', () => {
      expect(() =>
        enter(() => {
          throw boom;
        }),
      ).toThrow(boom);
    });
  });

  it('should throw for what runs on threads only', () => {
    const work: Record<string, () => unknown> = threaded('file:///app/work.js');

    expect(() => enter(work.digest!())).toThrow(InvalidPayloadError);
    expect(() => enter(work.digest!())).toThrow('runs on threads');
  });

  describe('what a function returns', () => {
    it.each([
      ['a number', 7],
      ['null', null],
      ['an empty string', ''],
      ['a string, whole', 'abc'],
      ['an array, whole', [1, 2]],
      ['false', false],
      ['an object', { a: 1 }],
      ['a Map, whole', new Map([[1, 2]])],
      ['a Set, whole', new Set([1])],
      ['a Date', new Date(0)],
      ['an Error, which is not thrown', boom],
      ['an iterator that is no generator', [1, 2].values()],
      ['an object that has next but is no generator', { next: () => ({ done: true }) }],
      ['a typed array', new Uint8Array(2)],
      ['an object whose then is no function', { then: 'later' }],
    ])('should be one value: %s', (_title, value) => {
      const entry = enter(() => value);

      // By identity: to compare an iterator by its contents would use it up.
      expect(entry.values).toHaveLength(1);
      expect(entry.values[0]).toBe(value);
      expect(entry.notes[1]).toEqual(complete);
    });

    it('should be one value: a function', () => {
      const value = () => 1;

      expect(enter(() => value).notes).toEqual([next(value), complete]);
    });

    it('should be no value of its own: undefined, which is for the attempt to ignore', () => {
      expect(enter(() => undefined).notes.at(-1)).toEqual(complete);
    });

    it('should be subscribed: an Observable', () => {
      const entry = enter(() => of('a', 'b'));

      expect(entry.notes).toEqual([next('a'), next('b'), complete]);
      expect(entry.leave).toBe('unsubscribe');
    });

    it('should be subscribed: an Observable of another copy', () => {
      const entry = enter(() => interop(of('a')));

      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should be awaited: a promise', async () => {
      const entry = enter(() => Promise.resolve('a'));
      expect(entry.notes).toEqual([]);
      expect(entry.leave).toBe('wait');

      await entry.ended;

      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should be awaited: a promise of another realm, and anything else with a then', async () => {
      const foreign = runInNewContext("Promise.resolve('a')") as unknown;
      const thenable = {
        then: (resolve: (value: string) => void) => {
          resolve('a');
        },
      };

      for (const promise of [foreign, thenable]) {
        const entry = enter(() => promise);
        await entry.ended;

        expect(entry.notes).toEqual([next('a'), complete]);
      }
    });

    it('should be one value when a promise resolves to an array', async () => {
      const entry = enter(async () => [1, 2]);
      await entry.ended;

      expect(entry.notes).toEqual([next([1, 2]), complete]);
    });

    it.each([boom, undefined, null])(
      'should be the very error that a promise rejects with: %p',
      async (error) => {
        const entry = enter(() => Promise.reject(error));
        await entry.ended;
        await settled();

        expect(entry.notes).toEqual([['error', error]]);
        expect(entry.notes[0]![1]).toBe(error);
      },
    );

    it('should be watched to its end: a promise that rejects after unsubscribing (PITFALLS A7)', async () => {
      let reject: (error: unknown) => void = () => undefined;
      const entry = enter(() => new Promise((_, refuse) => (reject = refuse)));

      entry.unsubscribe();
      reject(boom);
      await entry.ended;

      expect(entry.notes).toEqual([['error', boom]]);
    });

    it('should be pulled: an async generator', async () => {
      const entry = enter(async function* () {
        yield 'a';
        yield 'b';
      });
      expect(typeof entry.leave).toBe('function');
      await entry.ended;

      expect(entry.notes).toEqual([next('a'), next('b'), complete]);
    });

    it('should be pulled: any async iterable, a ReadableStream too', async () => {
      const iterable = {
        async *[Symbol.asyncIterator]() {
          yield 'a';
        },
      };
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue('a');
          controller.close();
        },
      });

      for (const source of [iterable, stream]) {
        const entry = enter(() => source);
        await entry.ended;

        expect(entry.notes).toEqual([next('a'), complete]);
      }
    });

    it('should be pulled at once: a generator object', () => {
      const entry = enter(function* () {
        yield 'a';
        yield 'b';
      });

      expect(entry.notes).toEqual([next('a'), next('b'), complete]);
      expect(typeof entry.leave).toBe('function');
    });

    it('should be pulled: a generator object of another realm', () => {
      const entry = enter(runInNewContext("(function* () { yield 'a'; })") as unknown);

      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should be pulled only on demand: generators of both kinds', async () => {
      const payloads: Payload[] = [
        function* () {
          for (let i = 0; ; i++) yield i;
        },
        async function* () {
          for (let i = 0; ; i++) yield i;
        },
      ];

      for (const payload of payloads) {
        const entry = new FakeEntry(payload, [], 2);
        enterPayload(entry);
        await settled();
        expect(entry.values).toEqual([0, 1]);
        entry.demand(1);
        await settled();
        expect(entry.values).toEqual([0, 1, 2]);
        entry.askToLeave();
        await entry.ended;
      }
    });

    it('should throw what getting its iterator throws', () => {
      const iterable = {
        [Symbol.asyncIterator]: () => {
          throw boom;
        },
      };

      expect(() => enter(() => iterable)).toThrow(boom);
    });

    it('should be called again for each attempt', () => {
      const payload = jest.fn(() => of('a'));

      enter(payload);
      enter(payload);

      expect(payload).toHaveBeenCalledTimes(2);
    });
  });
});
