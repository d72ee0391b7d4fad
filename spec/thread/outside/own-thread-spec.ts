import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { toSettings } from '../../../src/thread/options.js';
import { OwnThread } from '../../../src/thread/outside/own-thread.js';
import { Thread } from '../../../src/thread/outside/thread.js';
import { LOADED, LOADING } from '../../../src/thread/protocol.js';
import type { Consumer } from '../../properties/thread-consumer.js';
import { type StubLine, endOfTick, toConsumer, toLines } from './support.js';

describe('OwnThread', () => {
  let lines: StubLine[];
  let threads: Set<Thread>;

  const toOwn = (maxRuns = Infinity) => {
    const made = toLines();
    ({ lines } = made);
    threads = new Set();
    const settings = toSettings({ startTimeout: 60_000, maxRuns });
    return new OwnThread(threads, (keeper) => new Thread(settings, keeper, made.connect));
  };
  const enter = (own: OwnThread): Consumer => {
    const consumer = toConsumer();
    own.enter(consumer.entry, consumer.payload);
    return consumer;
  };

  beforeEach(() => {
    lines = [];
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });

  afterEach(() => {
    for (const line of lines) line.die();
    jest.restoreAllMocks();
  });

  it('should start no thread before there is something to run', () => {
    toOwn();

    expect(lines).toEqual([]);
  });

  it('should run one attempt after another on the same thread', () => {
    const own = toOwn();
    const first = enter(own);
    lines[0]?.hello();
    lines[0]?.finish(1);
    const second = enter(own);
    lines[0]?.finish(2);

    expect([first.items, second.items]).toEqual([['a'], ['a']]);
    expect([lines.length, threads.size]).toEqual([1, 1]);
  });

  it('should run the next attempt on another one when that has died', () => {
    const own = toOwn();
    const first = enter(own);
    lines[0]?.hello();
    lines[0]?.take(1);
    lines[0]?.die();
    expect([first.ends.length, threads.size]).toEqual([1, 0]);
    const second = enter(own);
    lines[1]?.finish(1);

    expect([second.items, lines.length, threads.size]).toEqual([['a'], 2, 1]);
  });

  it('should run on another one what had not been taken up by one that died', () => {
    const own = toOwn();
    const consumer = enter(own);
    lines[0]?.hello();
    lines[0]?.die();
    expect(lines).toHaveLength(2);
    lines[1]?.finish(1);

    expect(consumer.items).toEqual(['a']);
  });

  it('should replace a thread after as many runs as it may have', () => {
    const own = toOwn(2);
    for (const id of [1, 2]) {
      enter(own);
      lines[0]?.finish(id);
    }
    expect(lines[0]?.told.at(-1)).toBe('close');
    enter(own);

    expect(lines).toHaveLength(2);
  });

  it('should replace a thread to which a module has not loaded', () => {
    const own = toOwn();
    enter(own);
    lines[0]?.hello();
    lines[0]?.say([LOADING], [LOADED, false]);
    lines[0]?.finish(1);
    enter(own);

    expect(lines[0]?.told.at(-1)).toBe('close');
    expect(lines).toHaveLength(2);
  });

  it('should let its thread go, and resolve when that’s gone', async () => {
    const own = toOwn();
    enter(own);
    lines[0]?.finish(1);
    let isGone = false;
    void own.end()?.then(() => (isGone = true));
    await endOfTick();
    expect([lines[0]?.told.at(-1), isGone]).toEqual(['close', false]);
    lines[0]?.die(0);
    await endOfTick();

    expect([isGone, threads.size]).toEqual([true, 0]);
  });

  it('should have nothing to let go before it has run anything', () => {
    expect(toOwn().end()).toBeUndefined();
  });
});
