import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  type LifecycleEvent,
  Runner,
  type RunnerFailedError,
  type RunnerOptions,
  type StopReason,
  type TaskContext,
} from '../../src/index.js';
import { REAL_FLAVOURS, observe, ofTask, only, told, turn } from './support.js';

const BOOM = new Error('boom');

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

describe.each(REAL_FLAVOURS)('stopping promises and iterators, on $name', ({ flavour }) => {
  /** Runs a payload until it's under way, stops it, and says what came of it. */
  async function stopped(
    payload: (context: TaskContext) => unknown,
    options: RunnerOptions & { takes?: boolean } = {},
  ): Promise<{ events: LifecycleEvent[]; outcome: unknown; values: unknown[] }> {
    const { takes = true, ...runnerOptions } = options;
    const runner = new Runner(runnerOptions);
    const events = observe(runner);
    const values: unknown[] = [];
    const task$ = runner.adopt(payload, { name: 'a', flavour, restart: 'always' });
    if (takes) task$.subscribe((value) => values.push(value));
    const outcome = runner.run().catch((error: unknown) => error);
    while (!events.some(({ type }) => type === 'start')) await turn();
    await turn();
    await task$.stop('enough');
    await runner.shutdown();
    return { events, outcome: await outcome, values };
  }

  it('should await a promise that ends when its signal aborts', async () => {
    const { events, outcome } = await stopped(async ({ signal }) => {
      await aborted(signal);
      await turn();
    });
    expect(told(ofTask(events, 'a'))).toEqual([
      'start a 1',
      'stopping a 1 (stop)',
      'exit a 1 stopped',
    ]);
    expect(outcome).toMatchObject({ failures: [] });
  });

  it('should deliver the value that it ends with, or fail for it when nobody is there', async () => {
    const payload = async ({ signal }: TaskContext) => {
      await aborted(signal);
      return 'last words';
    };
    const taken = await stopped(payload);
    expect(taken.values).toEqual(['last words']);
    expect(taken.outcome).toMatchObject({ failures: [] });
    const orphaned = await stopped(payload, { takes: false });
    expect((orphaned.outcome as RunnerFailedError).cause).toMatchObject({ value: 'last words' });
    expect(only(orphaned.events, 'exit').outcome).toBe('stopped');
  });

  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['throwIfAborted', async (signal) => aborted(signal).then(() => signal.throwIfAborted())],
    ['timers/promises', (signal) => sleep(60_000, undefined, { signal })],
    ['events.once', (signal) => once(new EventEmitter(), 'never', { signal })],
  ])('should take what %s rejects with for the normal end', async (_how, work) => {
    const { events, outcome } = await stopped(({ signal }) => work(signal));
    expect(only(events, 'exit')).toMatchObject({ outcome: 'stopped' });
    expect(outcome).toMatchObject({ failures: [], tolerated: [] });
  });

  it('should fail for another rejection, and start nothing (PITFALLS C14)', async () => {
    const { events, outcome } = await stopped(async ({ signal }) => {
      await aborted(signal);
      throw BOOM;
    });
    expect(told(ofTask(events, 'a'))).toEqual([
      'start a 1',
      'stopping a 1 (stop)',
      'crash a 1',
      'exit a 1 stopped',
    ]);
    expect((outcome as RunnerFailedError).cause).toBe(BOOM);
  });

  it('should abandon a promise that ignores its signal, and tolerate what it ends with later', async () => {
    const { events, outcome } = await stopped(
      async () => {
        await sleep(60);
        throw BOOM;
      },
      { grace: 5 },
    );
    expect(told(ofTask(events, 'a')).slice(-2)).toEqual([
      'overdue a 1 after 5',
      'exit a 1 stopped',
    ]);
    const { report } = outcome as RunnerFailedError;
    expect(report.stragglers).toMatchObject([{ task: 'a' }]);
    // The late rejection is nobody's unhandled one: the spec would fail for it.
    await sleep(80);
  });

  it('should abort the signal first, then return() the iterator, and await it (PITFALLS A21)', async () => {
    const log: string[] = [];
    const { events, outcome } = await stopped(async function* ({ signal }) {
      try {
        signal.addEventListener('abort', () => log.push((signal.reason as StopReason).type));
        await aborted(signal);
        yield 1;
        log.push('never reached');
      } finally {
        await turn();
        log.push('finally');
      }
    });
    expect(log).toEqual(['stop', 'finally']);
    expect(only(events, 'exit').outcome).toBe('stopped');
    expect(outcome).toMatchObject({ failures: [] });
  });

  it('should abandon an iterator whose next() is pending and hears nothing', async () => {
    const { events } = await stopped(
      async function* () {
        await new Promise(() => undefined);
        yield 1;
      },
      { grace: 5 },
    );
    expect(told(ofTask(events, 'a')).at(-2)).toBe('overdue a 1 after 5');
  });

  it('should call return() once, and be over when it and the pending next() have settled', async () => {
    const log: string[] = [];
    let end: (result: IteratorResult<number>) => void = () => undefined;
    const { events } = await stopped(() => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>((resolve) => (end = resolve)),
        return: async () => {
          log.push('return');
          end({ done: true, value: undefined });
          await turn();
          log.push('returned');
          return { done: true, value: undefined };
        },
      }),
    }));
    expect(log).toEqual(['return', 'returned']);
    expect(only(events, 'exit').outcome).toBe('stopped');
  });

  it('should call return() once also when the iterator stops its own task while it is entered', async () => {
    const runner = new Runner();
    const events = observe(runner);
    let returned = 0;
    runner.adopt(
      ({ name }: TaskContext) => ({
        [Symbol.asyncIterator]: () => ({
          next: () => {
            void runner.stop(name);
            return Promise.resolve({ done: false, value: undefined });
          },
          return: () => {
            returned++;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      }),
      { name: 'a', flavour },
    );
    await runner.run({ until: 'idle' });
    expect(returned).toBe(1);
    expect(told(ofTask(events, 'a')).at(-1)).toBe('exit a 1 stopped');
  });

  it('should let an iterator without return() end with the value that is under way', async () => {
    let pulled = 0;
    const { events, values } = await stopped(() => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          pulled++;
          await sleep(10);
          return { done: false, value: pulled };
        },
      }),
    }));
    expect(values).toEqual(Array.from({ length: pulled }, (_, n) => n + 1));
    expect(only(events, 'exit').outcome).toBe('stopped');
  });

  it('should fail for what return() rejects with', async () => {
    const { outcome } = await stopped(() => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>(() => undefined),
        return: () => Promise.reject(BOOM),
      }),
    }));
    expect((outcome as RunnerFailedError).failures).toMatchObject([{ task: 'a', error: BOOM }]);
  });

  it('should fail for what a finally throws, and for what a return() throws at once', async () => {
    const inFinally = await stopped(async function* ({ signal }) {
      try {
        await aborted(signal);
        yield 1;
      } finally {
        await Promise.reject(BOOM);
      }
    });
    expect((inFinally.outcome as RunnerFailedError).cause).toBe(BOOM);
    const atOnce = await stopped(() => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>(() => undefined),
        return: () => {
          throw BOOM;
        },
      }),
    }));
    expect((atOnce.outcome as RunnerFailedError).cause).toBe(BOOM);
  });

  it('should stop a generator at its next yield when it stops its own task, and close it', async () => {
    const runner = new Runner();
    const events = observe(runner);
    const log: string[] = [];
    runner
      .adopt(
        function* ({ name }: TaskContext) {
          try {
            yield 1;
            void runner.stop(name);
            yield 2;
            log.push('never reached');
          } finally {
            log.push('finally');
          }
        },
        { name: 'a', flavour },
      )
      .subscribe((value) => log.push(`got ${value}`));
    await runner.run({ until: 'idle' });
    expect(log).toEqual(['got 1', 'got 2', 'finally']);
    expect(told(ofTask(events, 'a')).at(-1)).toBe('exit a 1 stopped');
  });

  it('should end a ReadableStream that its signal closes', async () => {
    const { outcome, values, events } = await stopped(
      ({ signal }) =>
        new ReadableStream<string>({
          start(controller) {
            controller.enqueue('first');
            signal.addEventListener('abort', () => {
              controller.close();
            });
          },
        }),
    );
    expect(values).toEqual(['first']);
    expect(only(events, 'exit').outcome).toBe('stopped');
    expect(outcome).toMatchObject({ failures: [] });
  });
});
