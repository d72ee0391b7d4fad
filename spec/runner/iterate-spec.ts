import { describe, expect, it } from '@jest/globals';
import { NEVER, Observable, of, throwError } from 'rxjs';
import {
  CancelledError,
  Runner,
  RunnerStateError,
  type StopReason,
  type TaskContext,
} from '../../src/index.js';
import { REAL_FLAVOURS, next, observe, ofTask, only, told, turn } from './support.js';

const BOOM = new Error('boom');

/** A source that writes down how often it's pulled, and how it's closed. */
function counter(log: string[]) {
  return function* count() {
    try {
      for (let n = 1; ; n++) {
        log.push(`pulled ${n}`);
        yield n;
      }
    } finally {
      log.push('closed');
    }
  };
}

function asyncCounter(log: string[]) {
  return async function* count() {
    try {
      for (let n = 1; ; n++) {
        log.push(`pulled ${n}`);
        await Promise.resolve();
        yield n;
      }
    } finally {
      await turn();
      log.push('closed');
    }
  };
}

describe.each(REAL_FLAVOURS)('iterate, on $name', ({ flavour }) => {
  it('should yield every value, then end', async () => {
    await using runner = new Runner();
    void runner.run();
    const values: number[] = [];
    for await (const value of runner.iterate(of(1, 2, 3), { flavour })) values.push(value);
    expect(values).toEqual([1, 2, 3]);
    expect(runner.tasks()).toEqual([]);
  });

  it('should do nothing before the first next()', async () => {
    await using runner = new Runner();
    void runner.run();
    const events = observe(runner);
    const log: string[] = [];
    runner.iterate(counter(log), { flavour });
    await turn();
    expect(log).toEqual([]);
    expect(events).toEqual([]);
  });

  it.each<[string, (log: string[]) => () => AsyncGenerator<number>]>([
    ['a generator', counter as never],
    ['an async generator', asyncCounter],
  ])('should pull %s only when the loop asks for more', async (_shape, make) => {
    await using runner = new Runner();
    void runner.run();
    const log: string[] = [];
    for await (const value of runner.iterate(make(log), { name: 'e', flavour })) {
      log.push(`got ${value}`);
      await turn();
      if (value === 3) break;
    }
    log.push('left');
    expect(log).toEqual([
      'pulled 1',
      'got 1',
      'pulled 2',
      'got 2',
      'pulled 3',
      'got 3',
      'closed',
      'left',
    ]);
  });

  it('should cancel the execution when the loop is left, and wait until it is over', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    void runner.run();
    const log: string[] = [];
    const payload = ({ signal, onTeardown }: TaskContext) =>
      new Observable<number>((subscriber) => {
        onTeardown(async () => {
          await turn();
          log.push('torn down');
        });
        signal.addEventListener('abort', () => {
          log.push((signal.reason as StopReason).type);
          subscriber.complete();
        });
        subscriber.next(1);
      });
    for await (const _ of runner.iterate(payload, { name: 'e', flavour })) break;
    log.push('left');
    expect(log).toEqual(['unsubscribe', 'torn down', 'left']);
    expect(told(ofTask(events, 'e'))).toEqual([
      'start e 1',
      'stopping e 1 (unsubscribe)',
      'exit e 1 stopped',
    ]);
  });

  it('should keep what a source pushes ahead of the loop, which has no demand, in order (PITFALLS A22)', async () => {
    await using runner = new Runner();
    void runner.run();
    const values: number[] = [];
    for await (const value of runner.iterate(of(1, 2, 3, 4), { flavour })) {
      await turn();
      values.push(value);
    }
    expect(values).toEqual([1, 2, 3, 4]);
  });

  it('should throw the very same error after the last value, once, and be done then', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    void runner.run();
    const iterator = runner.iterate(
      function* () {
        yield 1;
        throw BOOM;
      },
      { name: 'e', flavour },
    );
    await expect(iterator.next()).resolves.toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toBe(BOOM);
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
    expect(only(events, 'exit')).toMatchObject({ outcome: 'failed', fatal: false });
    expect(runner.state).toBe('running');
  });

  it('should throw undefined when that is what was thrown', async () => {
    await using runner = new Runner();
    void runner.run();
    const iterator = runner.iterate(
      throwError(() => undefined),
      { flavour },
    );
    await expect(iterator.next()).rejects.toBeUndefined();
  });

  it('should be done after return(), for ever, whether it had begun or not', async () => {
    await using runner = new Runner();
    const events = observe(runner);
    void runner.run();
    const log: string[] = [];
    const done = { done: true, value: undefined };
    const fresh = runner.iterate(counter(log), { flavour });
    await expect(fresh.return?.('v')).resolves.toEqual({ done: true, value: 'v' });
    await expect(fresh.next()).resolves.toEqual(done);
    expect(log).toEqual([]);
    expect(told(events)).toEqual(['up']);

    const begun = runner.iterate(counter(log), { flavour });
    await begun.next();
    await expect(begun.return?.('v')).resolves.toEqual({ done: true, value: 'v' });
    await expect(begun.next()).resolves.toEqual(done);
    await expect(begun.return?.()).resolves.toEqual(done);
    expect(log).toEqual(['pulled 1', 'closed']);
  });

  it('should not hang in return() while a next() is pending (unlike PITFALLS A20)', async () => {
    await using runner = new Runner();
    void runner.run();
    const iterator = runner.iterate(NEVER, { flavour });
    const pending = iterator.next();
    await turn();
    await expect(iterator.return?.()).resolves.toEqual({ done: true, value: undefined });
    await expect(pending).resolves.toEqual({ done: true, value: undefined });
  });

  it('should give nothing any more of what comes after return()', async () => {
    await using runner = new Runner();
    void runner.run();
    const payload = ({ signal }: TaskContext) =>
      new Observable<string>((subscriber) => {
        subscriber.next('first');
        signal.addEventListener('abort', () => {
          subscriber.next('last words');
          subscriber.complete();
        });
      });
    const iterator = runner.iterate(payload, { flavour });
    await iterator.next();
    await iterator.return?.();
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('should serve several next() in the order of asking', async () => {
    await using runner = new Runner();
    void runner.run();
    const iterator = runner.iterate(of(1, 2), { flavour });
    const all = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(all).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('should skip undefined', async () => {
    await using runner = new Runner();
    void runner.run();
    const values: unknown[] = [];
    const payload = function* () {
      yield undefined;
      yield null;
      yield undefined;
    };
    for await (const value of runner.iterate(payload, { flavour })) values.push(value);
    expect(values).toEqual([null]);
  });

  it('should wait for run()', async () => {
    await using runner = new Runner();
    const iterator = runner.iterate(of(1), { flavour });
    const first = iterator.next();
    await turn();
    expect(runner.tasks()).toMatchObject([{ state: 'waiting' }]);
    void runner.run();
    await expect(first).resolves.toEqual({ done: false, value: 1 });
  });

  it('should reject with RunnerStateError once the runner is stopping, with CancelledError meanwhile', async () => {
    const runner = new Runner();
    const ran = runner.run();
    const inFlight = runner.iterate(NEVER, { name: 'e', flavour }).next();
    const started = next(runner, 'start');
    await started;
    const report = runner.shutdown('enough');
    await expect(inFlight).rejects.toMatchObject({
      name: 'CancelledError',
      task: 'e',
      reason: { type: 'shutdown', message: 'enough' },
    });
    await expect(inFlight).rejects.toBeInstanceOf(CancelledError);
    await report;
    const late = runner.iterate(of(1), { flavour });
    await expect(late.next()).rejects.toBeInstanceOf(RunnerStateError);
    await expect(late.next()).resolves.toMatchObject({ done: true });
    await ran;
  });

  it('should let go of an async generator that is parked between two values', async () => {
    const runner = new Runner();
    const ran = runner.run();
    const log: string[] = [];
    const iterator = runner.iterate(asyncCounter(log), { flavour });
    await iterator.next();
    await turn();
    await runner.shutdown();
    await expect(iterator.next()).rejects.toBeInstanceOf(CancelledError);
    expect(log).toEqual(['pulled 1', 'closed']);
    await ran;
  });

  it('should pull a hundred thousand values without a deep stack or a lost one', async () => {
    await using runner = new Runner();
    void runner.run();
    let sum = 0;
    const payload = function* () {
      for (let n = 1; n <= 100_000; n++) yield n;
    };
    for await (const value of runner.iterate(payload, { flavour })) sum += value;
    expect(sum).toBe(5_000_050_000);
  });
});
