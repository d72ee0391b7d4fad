import { on, EventEmitter } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import { pullAsync, pullSync } from '../../src/task/pull.js';
import { FakeEntry, settled } from './fake-entry.js';

const entryWith = (demand = Infinity) => new FakeEntry(() => undefined, [], demand);
const complete = ['complete'];
const next = (value: unknown) => ['next', value];
const boom = new Error('boom');

/** An iterator made by hand: each step is settled by the test. */
function handMade() {
  const pending: PromiseWithResolvers[] = [];
  const returns: PromiseWithResolvers[] = [];
  const ask = (list: PromiseWithResolvers[]) => () => {
    const step = withResolvers();
    list.push(step);
    return step.promise;
  };
  return {
    iterator: { next: ask(pending), return: ask(returns) },
    pending,
    returns,
    async yield(value: unknown) {
      pending.at(-1)!.resolve({ done: false, value });
      await settled();
    },
  };
}

interface PromiseWithResolvers {
  readonly promise: Promise<IteratorResult<unknown>>;
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve!: PromiseWithResolvers['resolve'];
  let reject!: PromiseWithResolvers['reject'];
  const promise = new Promise<IteratorResult<unknown>>((take, refuse) => {
    resolve = take;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

describe('pullAsync', () => {
  it.each([
    ['no value', [], [complete]],
    ['one value', ['a'], [next('a'), complete]],
    ['many values', ['a', 'b', 'c'], [next('a'), next('b'), next('c'), complete]],
    ['falsy values', [0, '', false, null], [next(0), next(''), next(false), next(null), complete]],
  ])('should emit %s, then complete', async (_title, values, notes) => {
    const entry = entryWith();
    const generator = async function* () {
      yield* values;
    };

    pullAsync(generator(), entry);
    await entry.ended;

    expect(entry.notes).toEqual(notes);
  });

  it('should emit nothing for what the generator returns', async () => {
    const entry = entryWith();
    const generator = async function* () {
      yield 'a';
      return 'b';
    };

    pullAsync(generator(), entry);
    await entry.ended;

    expect(entry.notes).toEqual([next('a'), complete]);
  });

  it('should not be over for as long as a value does not come', async () => {
    const entry = entryWith();

    pullAsync(handMade().iterator, entry);
    await settled();

    expect(entry.notes).toEqual([]);
  });

  it('should ask for the next value only when the last one has been taken', async () => {
    const { iterator, pending, ...hand } = handMade();
    const entry = entryWith();
    const askedWhenTaken: number[] = [];
    entry.onNext = () => askedWhenTaken.push(pending.length);

    pullAsync(iterator, entry);
    await hand.yield('a');
    await hand.yield('b');

    expect(askedWhenTaken).toEqual([1, 2]);
    expect(pending).toHaveLength(3);
  });

  it('should take what an iterator gives without a promise', async () => {
    const entry = entryWith();
    const results = [{ done: false, value: 'a' }, { done: true }];

    pullAsync({ next: () => results.shift() } as never, entry);
    await entry.ended;

    expect(entry.notes).toEqual([next('a'), complete]);
  });

  describe('demand', () => {
    it('should ask for nothing before there is demand', async () => {
      const { iterator, pending } = handMade();
      const entry = entryWith(0);

      pullAsync(iterator, entry);
      await settled();

      expect(pending).toHaveLength(0);
      expect(entry.isParked).toBe(true);
    });

    it('should ask for as many as are demanded', async () => {
      let produced = 0;
      const entry = entryWith(0);
      const generator = async function* () {
        for (;;) yield ++produced;
      };

      pullAsync(generator(), entry);
      for (const demanded of [1, 3, 2]) {
        entry.demand(demanded);
        await settled();
      }

      expect(entry.values).toEqual([1, 2, 3, 4, 5, 6]);
      expect(produced).toBe(6);
      entry.askToLeave();
      await entry.ended;
    });

    it('should take demand that comes with a value', async () => {
      const entry = entryWith(1);
      entry.onNext = () => {
        entry.demand(1);
      };
      const generator = async function* () {
        yield* [1, 2, 3];
      };

      pullAsync(generator(), entry);
      await entry.ended;

      expect(entry.notes).toEqual([next(1), next(2), next(3), complete]);
    });
  });

  describe('errors', () => {
    it('should be those of the generator, the very same', async () => {
      const entry = entryWith();
      const generator = async function* () {
        yield 'a';
        throw boom;
      };

      pullAsync(generator(), entry);
      await entry.ended;

      expect(entry.notes).toEqual([next('a'), ['error', boom]]);
      expect(entry.notes[1]![1]).toBe(boom);
    });

    it.each([undefined, null, 'boom'])('should be whatever was thrown: %p', async (thrown) => {
      const entry = entryWith();

      pullAsync({ next: () => Promise.reject(thrown) }, entry);
      await entry.ended;
      await settled();

      expect(entry.notes).toEqual([['error', thrown]]);
    });

    it('should be what next throws without a promise', async () => {
      const entry = entryWith();
      const iterator = {
        next: () => {
          throw boom;
        },
      };

      pullAsync(iterator, entry);
      await entry.ended;

      expect(entry.notes).toEqual([['error', boom]]);
    });

    it('should be told when next gives no result', async () => {
      const entry = entryWith();

      pullAsync({ next: () => Promise.resolve(undefined) } as never, entry);
      await entry.ended;

      expect(entry.notes).toEqual([['error', expect.objectContaining({ name: 'TypeError' })]]);
    });
  });

  describe('leaving', () => {
    it('should call return, await it, and only then complete', async () => {
      const { iterator, returns, ...hand } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);
      await hand.yield('a');

      entry.askToLeave();
      await settled();
      expect(returns).toHaveLength(1);
      expect(entry.notes).toEqual([next('a')]);

      returns[0]!.resolve({ done: true, value: undefined });
      await settled();
      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should run what a generator does finally', async () => {
      const entry = entryWith(1);
      const seen: string[] = [];
      const generator = async function* () {
        try {
          for (;;) yield 'a';
        } finally {
          await settled();
          seen.push('closed');
        }
      };
      pullAsync(generator(), entry);
      await settled();

      entry.askToLeave();
      await entry.ended;

      expect(seen).toEqual(['closed']);
      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should not be over before what a generator awaits has settled: its return waits for that (PITFALLS A21)', async () => {
      const entry = entryWith();
      let settle: () => void = () => undefined;
      const generator = async function* () {
        await new Promise<void>((resolve) => (settle = resolve));
        yield 'late';
      };
      pullAsync(generator(), entry);

      // Which is why a runner aborts the signal first: the generator can cut its waiting short.
      entry.askToLeave();
      await settled();
      expect(entry.notes).toEqual([]);

      settle();
      await entry.ended;
      expect(entry.notes).toEqual([next('late'), complete]);
    });

    it('should leave while it waits for demand', async () => {
      const { iterator, pending, returns } = handMade();
      const entry = entryWith(0);
      pullAsync(iterator, entry);

      entry.askToLeave();
      returns[0]!.resolve({ done: true, value: undefined });
      await entry.ended;
      entry.demand(5);
      await settled();

      expect(pending).toHaveLength(0);
      expect(entry.notes).toEqual([complete]);
    });

    it('should call return once, however often it is asked', async () => {
      const { iterator, returns } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);

      entry.askToLeave();
      entry.askToLeave();
      returns[0]!.resolve({ done: true, value: undefined });
      await settled();
      entry.askToLeave();
      await settled();

      expect(returns).toHaveLength(1);
      expect(entry.notes).toEqual([complete]);
    });

    it('should still emit the value under way, and ask for no other', async () => {
      const { iterator, pending, returns, ...hand } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);

      entry.askToLeave();
      await hand.yield('late');
      expect(entry.notes).toEqual([next('late')]);
      expect(pending).toHaveLength(1);

      returns[0]!.resolve({ done: true, value: undefined });
      await entry.ended;
      expect(entry.notes).toEqual([next('late'), complete]);
    });

    it('should await return also when the value under way turns out to be the end', async () => {
      const { iterator, pending, returns } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);

      // As an iterator does whose return() lets go of whoever waits, then closes something.
      entry.askToLeave();
      pending[0]!.resolve({ done: true, value: undefined });
      await settled();
      expect(entry.notes).toEqual([]);

      returns[0]!.resolve({ done: true, value: undefined });
      await settled();
      expect(entry.notes).toEqual([complete]);
    });

    it('should await return also when the value under way fails, then error with that', async () => {
      const { iterator, pending, returns } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);

      entry.askToLeave();
      pending[0]!.reject(boom);
      await settled();
      expect(entry.notes).toEqual([]);

      returns[0]!.resolve({ done: true, value: undefined });
      await settled();
      expect(entry.notes).toEqual([['error', boom]]);
    });

    it('should error with what return rejects with', async () => {
      const { iterator, returns } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);

      entry.askToLeave();
      returns[0]!.reject(boom);
      await settled();

      expect(entry.notes).toEqual([['error', boom]]);
    });

    it('should error with what return throws, and with what a generator throws finally', async () => {
      const thrower = {
        next: () => new Promise<never>(() => undefined),
        return: () => {
          throw boom;
        },
      };
      const generator = (async function* () {
        try {
          for (;;) yield 'a';
        } finally {
          // eslint-disable-next-line no-unsafe-finally -- that is the point
          throw boom;
        }
      })();

      for (const iterator of [thrower, generator]) {
        const entry = entryWith(1);
        pullAsync(iterator, entry);
        await settled();
        entry.askToLeave();
        await settled();

        expect(entry.notes.at(-1)).toEqual(['error', boom]);
      }
    });

    it('should lose neither error when next and return both fail', async () => {
      const { iterator, pending, returns } = handMade();
      const entry = entryWith();
      const other = new Error('in return');
      pullAsync(iterator, entry);

      entry.askToLeave();
      pending[0]!.reject(boom);
      returns[0]!.reject(other);
      await settled();

      expect(entry.notes.map(([, error]) => error)).toEqual(expect.arrayContaining([boom, other]));
    });

    it('should not lose an error that comes after return has settled (PITFALLS A7)', async () => {
      const { iterator, pending, returns } = handMade();
      const entry = entryWith();
      pullAsync(iterator, entry);

      entry.askToLeave();
      returns[0]!.resolve({ done: true, value: undefined });
      await settled();
      pending[0]!.reject(boom);
      await settled();

      expect(entry.notes).toEqual([complete, ['error', boom]]);
    });

    it.each([1, Infinity])(
      'should end with the value under way when the iterator has no return, with a demand for %d',
      async (demand) => {
        const { iterator, pending, ...hand } = handMade();
        const entry = entryWith(demand);
        pullAsync({ next: iterator.next }, entry);

        entry.askToLeave();
        await settled();
        expect(entry.notes).toEqual([]);

        await hand.yield('late');
        expect(entry.notes).toEqual([next('late'), complete]);
        expect(pending).toHaveLength(1);
      },
    );

    it('should end at once when the iterator has no return and waits for demand', async () => {
      const { iterator, pending } = handMade();
      const entry = entryWith(0);
      pullAsync({ next: iterator.next }, entry);

      entry.askToLeave();
      await entry.ended;

      expect(pending).toHaveLength(0);
      expect(entry.notes).toEqual([complete]);
    });

    it('should let a generator bring about its own end', async () => {
      const entry = entryWith();
      const closed = jest.fn();
      const generator = async function* () {
        try {
          yield 'a';
          entry.askToLeave();
          yield 'b';
          yield 'c';
        } finally {
          closed();
        }
      };

      pullAsync(generator(), entry);
      await entry.ended;
      await settled();

      expect(entry.notes).toEqual([next('a'), next('b'), complete]);
      expect(closed).toHaveBeenCalledTimes(1);
    });

    it('should let a generator bring about its own end before its first value', async () => {
      const entry = entryWith();
      const generator = async function* () {
        entry.askToLeave();
        yield 'a';
      };

      pullAsync(generator(), entry);
      await entry.ended;
      await settled();

      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should let whoever takes a value bring about the end', async () => {
      const entry = entryWith();
      entry.onNext = () => {
        entry.askToLeave();
      };
      const generator = async function* () {
        for (let i = 0; ; i++) yield i;
      };

      pullAsync(generator(), entry);
      await entry.ended;
      await settled();

      expect(entry.notes).toEqual([next(0), complete]);
    });

    it('should stop listening to what events.on listens to', async () => {
      const emitter = new EventEmitter();
      const entry = entryWith();
      pullAsync(on(emitter, 'tick') as AsyncIterator<unknown, unknown>, entry);
      emitter.emit('tick', 1);
      await settled();
      expect(emitter.listenerCount('tick')).toBe(1);

      entry.askToLeave();
      await entry.ended;

      expect(entry.notes).toEqual([next([1]), complete]);
      expect(emitter.listenerCount('tick')).toBe(0);
    });

    it('should cancel a ReadableStream', async () => {
      const cancel = jest.fn<() => void>();
      const entry = entryWith(1);
      const stream = new ReadableStream<string>({
        pull: (controller) => {
          controller.enqueue('chunk');
        },
        cancel,
      });
      pullAsync(stream[Symbol.asyncIterator](), entry);
      await settled();

      entry.askToLeave();
      await entry.ended;

      expect(entry.notes).toEqual([next('chunk'), complete]);
      expect(cancel).toHaveBeenCalledTimes(1);
    });
  });
});

describe('pullSync', () => {
  it.each([
    ['no value', [], [complete]],
    ['one value', ['a'], [next('a'), complete]],
    ['many values', ['a', 'b', 'c'], [next('a'), next('b'), next('c'), complete]],
    ['falsy values', [0, '', false, null], [next(0), next(''), next(false), next(null), complete]],
  ])('should emit %s, then complete, at once', (_title, values, notes) => {
    const entry = entryWith();

    pullSync(
      (function* () {
        yield* values;
      })(),
      entry,
    );

    expect(entry.notes).toEqual(notes);
  });

  it('should emit nothing for what the generator returns', () => {
    const entry = entryWith();

    pullSync(
      (function* () {
        yield 'a';
        return 'b';
      })(),
      entry,
    );

    expect(entry.notes).toEqual([next('a'), complete]);
  });

  it('should ask for as many as are demanded', () => {
    let produced = 0;
    const entry = entryWith(0);
    const generator = (function* () {
      for (;;) yield ++produced;
    })();

    pullSync(generator, entry);
    expect(produced).toBe(0);
    expect(entry.isParked).toBe(true);
    entry.demand(1);
    expect(produced).toBe(1);
    entry.demand(3);

    expect(entry.values).toEqual([1, 2, 3, 4]);
    expect(produced).toBe(4);
  });

  it('should take demand that comes with a value, a hundred thousand times, with no stack overflow', () => {
    const entry = entryWith(1);
    entry.onNext = () => {
      entry.demand(1);
    };

    pullSync(
      (function* () {
        for (let i = 0; i < 100_000; i++) yield i;
      })(),
      entry,
    );

    expect(entry.notes).toHaveLength(100_001);
    expect(entry.notes.at(-1)).toEqual(complete);
  });

  it.each([boom, undefined, null, 'boom'])('should error with what it throws: %p', (thrown) => {
    const entry = entryWith();

    pullSync(
      (function* () {
        yield 'a';
        throw thrown;
      })(),
      entry,
    );

    expect(entry.notes).toEqual([next('a'), ['error', thrown]]);
    expect(entry.notes[1]![1]).toBe(thrown);
  });

  describe('leaving', () => {
    it('should close the generator, then complete', () => {
      const entry = entryWith(1);
      const seen: string[] = [];
      pullSync(
        (function* () {
          try {
            for (;;) yield 'a';
          } finally {
            seen.push(`closed after ${entry.notes.length}`);
          }
        })(),
        entry,
      );

      entry.askToLeave();
      entry.demand(5);

      expect(seen).toEqual(['closed after 1']);
      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should close a generator that has not begun', () => {
      const entry = entryWith(0);
      const begun = jest.fn();
      pullSync(
        (function* () {
          begun();
          yield 'a';
        })(),
        entry,
      );

      entry.askToLeave();
      entry.demand(1);

      expect(begun).not.toHaveBeenCalled();
      expect(entry.notes).toEqual([complete]);
    });

    it('should error with what the generator throws finally', () => {
      const entry = entryWith(1);
      pullSync(
        (function* () {
          try {
            yield 'a';
          } finally {
            // eslint-disable-next-line no-unsafe-finally -- that is the point
            throw boom;
          }
        })(),
        entry,
      );

      entry.askToLeave();

      expect(entry.notes).toEqual([next('a'), ['error', boom]]);
    });

    it('should end once, however often it is asked, also after the end', () => {
      const entry = entryWith(1);
      pullSync(
        (function* () {
          for (;;) yield 'a';
        })(),
        entry,
      );

      entry.askToLeave();
      entry.askToLeave();

      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should let a generator bring about its own end, with the value that it has come to', () => {
      const entry = entryWith();
      const closed = jest.fn();

      pullSync(
        (function* () {
          try {
            yield 'a';
            entry.askToLeave();
            yield 'b';
            yield 'c';
          } finally {
            closed();
          }
        })(),
        entry,
      );

      expect(entry.notes).toEqual([next('a'), next('b'), complete]);
      expect(closed).toHaveBeenCalledTimes(1);
    });

    it('should let a generator bring about its own end and then end by itself', () => {
      const entry = entryWith();

      pullSync(
        (function* () {
          yield 'a';
          entry.askToLeave();
        })(),
        entry,
      );

      expect(entry.notes).toEqual([next('a'), complete]);
    });

    it('should let a generator bring about its own end and then throw', () => {
      const entry = entryWith();

      pullSync(
        (function* () {
          yield 'a';
          entry.askToLeave();
          throw boom;
        })(),
        entry,
      );

      expect(entry.notes).toEqual([next('a'), ['error', boom]]);
    });

    it('should let whoever takes a value bring about the end', () => {
      const entry = entryWith();
      const closed = jest.fn();
      entry.onNext = () => {
        entry.askToLeave();
      };

      pullSync(
        (function* () {
          try {
            for (let i = 0; ; i++) yield i;
          } finally {
            closed();
          }
        })(),
        entry,
      );

      expect(entry.notes).toEqual([next(0), complete]);
      expect(closed).toHaveBeenCalledTimes(1);
    });
  });
});
