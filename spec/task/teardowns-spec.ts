import { describe, expect, it, jest } from '@jest/globals';
import { runTeardowns } from '../../src/task/teardowns.js';
import { settled } from './fake-entry.js';

/** Runs teardowns that say who they are; what they say, the errors and the end, in order. */
function run(...teardowns: (string | (() => unknown))[]): unknown[] {
  const told: unknown[] = [];
  const list = teardowns.map((each) => {
    if (typeof each === 'function') return each;
    return () => {
      told.push(each);
    };
  });
  runTeardowns(
    list,
    (error) => told.push(['error', error]),
    () => told.push('done'),
  );
  return told;
}

const boom = new Error('boom');

describe('runTeardowns', () => {
  it('should be done at once when there are none', () => {
    expect(run()).toEqual(['done']);
  });

  it('should run them last in, first out, and be done before it returns', () => {
    expect(run('a', 'b', 'c')).toEqual(['c', 'b', 'a', 'done']);
  });

  it('should await each one that is asynchronous', async () => {
    let release: () => void = () => undefined;
    const told = run('a', () => new Promise<void>((resolve) => (release = resolve)), 'c');
    await settled();
    expect(told).toEqual(['c']);

    release();
    await settled();

    expect(told).toEqual(['c', 'a', 'done']);
  });

  it('should skip none because another has failed', async () => {
    const told = run(
      'a',
      () => {
        throw boom;
      },
      'c',
      () => Promise.reject(undefined),
      'e',
    );
    await settled();

    expect(told).toEqual(['e', ['error', undefined], 'c', ['error', boom], 'a', 'done']);
  });

  it('should run those that are registered meanwhile', () => {
    const late = jest.fn();
    const teardowns: (() => unknown)[] = [() => teardowns.push(late)];
    const done = jest.fn();

    runTeardowns(teardowns, () => undefined, done);

    expect(late).toHaveBeenCalledTimes(1);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('should await anything with a method then, and nothing else', async () => {
    const thenable = { then: (resolve: () => void) => setImmediate(resolve) };
    const told = run(
      'a',
      () => thenable,
      () => 'no promise',
    );
    expect(told).toEqual([]);

    await settled();
    await settled();

    expect(told).toEqual(['a', 'done']);
  });
});
