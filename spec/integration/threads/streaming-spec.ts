import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import {
  Shared,
  Stage,
  Workers,
  allOf,
  firstValue,
  fixture,
  leaveStages,
  outcomeOf,
  pause,
} from './support.js';

interface Streams {
  whoami(): number;
  generator(n: number): Generator<number>;
  asyncGenerator(n: number): AsyncGenerator<number>;
  inBursts(n: number): AsyncGenerator<number>;
  promise<T>(value: T): Promise<T>;
  observable(n: number): Observable<number>;
  slowObservable(n: number, ms: number): Observable<number>;
  readable(n: number): ReadableStream<number>;
  asyncIterable(n: number): AsyncIterable<number>;
  same(value: unknown): unknown;
  nothing(): void;
  builtIns(): unknown[];
  withGaps(): Generator;
  counted(shared: SharedArrayBuffer, n: number): Generator<number>;
  countedAsync(shared: SharedArrayBuffer, n: number): AsyncGenerator<number>;
  countedThenExits(shared: SharedArrayBuffer, n: number): AsyncGenerator<number>;
  countedThenThrows(shared: SharedArrayBuffer, n: number): AsyncGenerator<number>;
  pushed(shared: SharedArrayBuffer, n: number): Observable<number>;
  pushedOpen(shared: SharedArrayBuffer, n: number): Observable<number>;
  blocking(n: number, ms: number): Generator<number>;
  blockingObservable(n: number, ms: number): Observable<number>;
  blockingAsync(n: number, ms: number): AsyncGenerator<number>;
  yieldsOnceAndBlocks(shared: SharedArrayBuffer): Generator<string>;
  emitsOnceAndBlocks(shared: SharedArrayBuffer): Observable<string>;
}

/** In the shared memory of the fixture. */
const PRODUCED = 1;
const LEFT = 2;

const streams = fixture<Streams>('streams.mjs');
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

let workers: Workers;
let stage: Stage;

beforeEach(() => {
  workers = new Workers();
  stage = new Stage({ threads: { size: 1 } });
});

afterEach(async () => {
  await leaveStages();
  workers.stopWatching();
  expect(workers.alive.size).toBe(0);
});

const runs = (payload: Parameters<Stage['runner']['execute']>[0]) =>
  allOf(stage.runner.execute(payload as never));

describe('what a payload in a thread returns', () => {
  it.each(['generator', 'asyncGenerator', 'observable', 'readable', 'asyncIterable'] as const)(
    'should emit its values if it is one with values (%s)',
    async (name) => {
      expect(await runs(streams[name](5))).toEqual([0, 1, 2, 3, 4]);
      expect(await runs(streams[name](1))).toEqual([0]);
      expect(await runs(streams[name](0))).toEqual([]);
    },
  );

  it.each([[1], [0], [''], ['text'], [null], [false], [NaN], [-0], [10n], [[]], [[1, [2]]], [{}]])(
    'should be one value if it is anything else (%p)',
    async (value) => {
      expect(await runs(streams.same(value))).toStrictEqual([value]);
      expect(await runs(streams.promise(value))).toStrictEqual([value]);
    },
  );

  it('should be no value if it is undefined', async () => {
    expect(await runs(streams.nothing())).toEqual([]);
    expect(await runs(streams.promise(undefined))).toEqual([]);
    expect(await runs(streams.withGaps())).toEqual([null, 0, '', false, []]);
  });

  it('should come as structured clone makes it', async () => {
    expect(await runs(streams.builtIns())).toEqual([
      [
        new Map([['a', new Set([1])]]),
        new Date(0),
        /x/g,
        10n,
        new Uint8Array([1, 2]),
        { nested: { deep: [null, undefined, NaN] } },
      ],
    ]);
  });
});

describe('many values', () => {
  it.each(['generator', 'asyncGenerator', 'inBursts', 'readable'] as const)(
    'should all come, in order (%s)',
    async (name) => {
      const n = name === 'generator' ? 100_000 : 20_000;
      let expected = 0;
      let wrong = 0;
      const { failure } = await outcomeOf(stage.runner.execute(streams[name](n)), (value) => {
        if (value !== expected++) wrong++;
      });

      expect(failure).toBeUndefined();
      expect(wrong).toBe(0);
      expect(expected).toBe(n);
    },
  );

  it('should all come, in order, to the subscribers of an adopted task', async () => {
    const task$ = stage.runner.adopt(streams.asyncGenerator(10_000));
    const [first, second] = await Promise.all([allOf(task$), allOf(task$)]);

    expect(first).toEqual(upTo(10_000));
    expect(second).toEqual(first);
  });

  it('should all come, in order, from several payloads at a time', async () => {
    const { runner } = new Stage({ threads: { size: 2, overlap: 4 } });
    const all = await Promise.all(
      upTo(8).map((n) => allOf(runner.execute(streams.inBursts(500 + n)))),
    );

    expect(all).toEqual(upTo(8).map((n) => upTo(500 + n)));
  });
});

describe('backpressure', () => {
  describe.each([1, 2, 3, 256])('with a window of %d', (window) => {
    const windowed = fixture<Streams>('streams.mjs', { window });

    it.each(['counted', 'countedAsync'] as const)(
      'should never let the producer be ahead by more than that of a loop (%s)',
      async (name) => {
        const shared = new Shared();
        const n = Math.max(40, window * 3);
        let consumed = 0;
        let most = 0;

        for await (const value of stage.runner.iterate(windowed[name](shared.buffer, n))) {
          expect(value).toBe(consumed);
          // Gives it time now and then to run as far as it may.
          if (consumed % Math.ceil(n / 12) === 0) await pause(10);
          most = Math.max(most, shared.get(PRODUCED) - consumed);
          // Checked while it is still in hand: it's consumed when the loop comes round.
          expect(shared.get(PRODUCED) - consumed).toBeLessThanOrEqual(window);
          consumed++;
        }

        expect(consumed).toBe(n);
        // It's of use, too.
        expect(most).toBeGreaterThanOrEqual(Math.ceil(window / 2));
      },
    );

    it('should never let the producer be ahead by more than that of a subscriber', async () => {
      const shared = new Shared();
      const n = Math.max(30, window * 3);
      let consumed = 0;
      let most = 0;

      const { failure } = await outcomeOf(
        stage.runner.execute(windowed.counted(shared.buffer, n)),
        () => {
          // It takes its time, so that the producer runs as far as it may.
          if (consumed % 8 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
          most = Math.max(most, shared.get(PRODUCED) - consumed);
          consumed++;
        },
      );

      expect(failure).toBeUndefined();
      expect(consumed).toBe(n);
      expect(most).toBeLessThanOrEqual(window);
    });

    it('should leave the producer at rest for as long as a loop does', async () => {
      const shared = new Shared();
      const loop = stage.runner.iterate(windowed.counted(shared.buffer, 100_000));
      await loop.next();
      await pause(50);
      const produced = shared.get(PRODUCED);
      await pause(50);

      expect(shared.get(PRODUCED)).toBe(produced);
      expect(produced).toBeLessThanOrEqual(window);
      await loop.return!();
    });
  });

  it('should not ask a payload for anything before the loop does', async () => {
    const shared = new Shared();
    const loop = stage.runner.iterate(streams.counted(shared.buffer, 10));
    await pause(50);

    expect(workers.started).toHaveLength(0);
    expect(await loop.next()).toEqual({ done: false, value: 0 });
    await loop.return!();
  });
});

describe('a loop that has not asked for more', () => {
  const narrow = fixture<Streams>('streams.mjs', { window: 4 });

  it('should be given what there was before its thread died, and then the error', async () => {
    const shared = new Shared();
    const loop = stage.runner.iterate(narrow.countedThenExits(shared.buffer, 3));
    expect(await loop.next()).toEqual({ done: false, value: 0 });
    await workers.until(({ started, alive }) => started.length === 1 && alive.size === 0);

    for (const value of [1, 2]) expect(await loop.next()).toEqual({ done: false, value });
    await expect(loop.next()).rejects.toMatchObject({ reason: 'exit', exitCode: 7 });
    expect(await loop.next()).toEqual({ done: true, value: undefined });
  });

  it('should be given what there was before a throw, and then the error', async () => {
    const loop = stage.runner.iterate(narrow.countedThenThrows(new Shared().buffer, 3));
    expect(await loop.next()).toEqual({ done: false, value: 0 });
    await pause(30);

    for (const value of [1, 2]) expect(await loop.next()).toEqual({ done: false, value });
    await expect(loop.next()).rejects.toMatchObject({ message: 'after 3' });
  });

  it('should hold up no shutdown', async () => {
    const shared = new Shared();
    const loop = stage.runner.iterate(narrow.counted(shared.buffer, 1_000), { name: 'parked' });
    await loop.next();
    const begun = Date.now();
    const report = await stage.shutdown();

    expect(Date.now() - begun).toBeLessThan(6_000);
    expect(report).toMatchObject({ failures: [], tolerated: [], stragglers: [] });
    expect(stage.told('parked')).toEqual(['start', 'stopping shutdown', 'exit stopped']);
    const rest: unknown[] = [];
    await expect(
      (async () => {
        for await (const value of loop) rest.push(value);
      })(),
    ).rejects.toMatchObject({ code: 'ERR_RXVISOR_CANCELLED' });
    expect(rest).toEqual(rest.map((_, n) => n + 1));
  });

  it('should be left at once by return(), and its thread serve the next', async () => {
    const loop = stage.runner.iterate(narrow.counted(new Shared().buffer, 1_000));
    await loop.next();
    expect(await loop.return!()).toEqual({ done: true, value: undefined });
    expect(await loop.next()).toEqual({ done: true, value: undefined });

    expect(await runs(streams.whoami())).toEqual([workers.started[0]!.threadId]);
  });

  it('should get its values in the order in which it asks, also for several at a time', async () => {
    const loop = stage.runner.iterate(narrow.counted(new Shared().buffer, 6));
    const asked = await Promise.all(Array.from({ length: 8 }, () => loop.next()));

    expect(asked.map(({ value }) => value as unknown)).toEqual([
      0,
      1,
      2,
      3,
      4,
      5,
      undefined,
      undefined,
    ]);
    expect(asked.map(({ done }) => done)).toEqual([...upTo(6).map(() => false), true, true]);
  });
});

describe('an Observable that pushes more than the window', () => {
  const overflowing = (overflow: 'error' | 'drop-newest' | 'drop-oldest') =>
    fixture<Streams>('streams.mjs', { window: 10, overflow });

  it.each(['pushed', 'pushedOpen'] as const)(
    "should fail with 'error', unsubscribed, and its thread should serve the next (%s)",
    async (name) => {
      const shared = new Shared();
      const payload = overflowing('error')[name](shared.buffer, 1_000);
      const { values, failure } = await outcomeOf(
        stage.runner.execute(payload, { name: 'pushing' }),
      );

      expect(values).toEqual(upTo(10));
      expect(failure?.error).toMatchObject({
        name: 'OverflowError',
        code: 'ERR_RXVISOR_OVERFLOW',
        task: 'pushing',
        window: 10,
      });
      expect(stage.told('pushing')).toEqual(['start', 'crash', 'exit failed']);
      expect(shared.get(LEFT)).toBe(1);
      expect(await runs(streams.whoami())).toEqual([workers.started[0]!.threadId]);
      expect(workers.started).toHaveLength(1);
    },
  );

  it("should lose the newest with 'drop-newest'", async () => {
    const payload = overflowing('drop-newest').pushed(new Shared().buffer, 1_000);

    expect(await runs(payload)).toEqual(upTo(10));
  });

  it("should lose those between the first and the newest with 'drop-oldest'", async () => {
    const payload = overflowing('drop-oldest').pushed(new Shared().buffer, 1_000);

    expect(await runs(payload)).toEqual([0, 1, 2, 3, 4, 995, 996, 997, 998, 999]);
  });

  it.each(['drop-newest', 'drop-oldest'] as const)(
    'should lose nothing with %s to a consumer that keeps up',
    async (overflow) => {
      // It may be late by 200 ms.
      const wide = fixture<Streams>('streams.mjs', { window: 100, overflow });

      expect(await runs(wide.slowObservable(200, 2))).toEqual(upTo(200));
    },
  );

  it.each(['drop-newest', 'drop-oldest'] as const)(
    'should be thinned out by %s for a loop that waits',
    async (overflow) => {
      const payload = overflowing(overflow).slowObservable(100, 2);
      const seen: number[] = [];
      for await (const value of stage.runner.iterate(payload)) {
        seen.push(value);
        if (seen.length < 10) await pause(40);
      }

      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      expect(seen.length).toBeLessThan(100);
      expect(seen.length).toBeGreaterThanOrEqual(10);
      expect(seen.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
      if (overflow === 'drop-oldest') expect(seen.at(-1)).toBe(99);
    },
  );

  it('should fail a loop that waits with the error, after the values that were before', async () => {
    const payload = overflowing('error').slowObservable(100, 2);
    const seen: number[] = [];
    const looping = (async () => {
      for await (const value of stage.runner.iterate(payload)) {
        seen.push(value);
        await pause(20);
      }
    })();

    await expect(looping).rejects.toMatchObject({ code: 'ERR_RXVISOR_OVERFLOW' });
    expect(seen).toEqual(upTo(seen.length));
    expect(seen.length).toBeGreaterThanOrEqual(10);
  });
});

describe('code that blocks its thread', () => {
  it.each(['blocking', 'blockingAsync', 'blockingObservable'] as const)(
    'should have its values delivered as it emits them, not at the end (%s)',
    async (name) => {
      const arrivals: number[] = [];
      const yields = (
        await outcomeOf(stage.runner.execute(streams[name](8, 50)), () => arrivals.push(Date.now()))
      ).values;

      expect(yields).toHaveLength(8);
      const early = arrivals.filter((at, n) => at < (yields[n + 4] ?? 0));
      expect(early).toHaveLength(4);
    },
  );

  it.each(['yieldsOnceAndBlocks', 'emitsOnceAndBlocks'] as const)(
    'should not keep a value back that it has emitted just before (%s)',
    async (name) => {
      for (let round = 0; round < 3; round++) {
        const shared = new Shared();
        const { value, held } = await firstValue(
          stage.runner.execute(streams[name](shared.buffer)),
        );

        // It's still blocked.
        expect(value).toBe('started');
        expect(shared.get(LEFT)).toBe(0);
        shared.set(1);
        held.unsubscribe();
      }
    },
  );
});
