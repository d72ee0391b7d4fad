import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { fromWishes, stopOnAbort, stopOnSignals } from '../../src/runner/stop-on.js';

/** A shutdown that writes down what it's asked for. */
function makeShutdown() {
  const asked: unknown[] = [];
  const begin = (reason: unknown) => {
    asked.push(reason);
  };
  const force = () => {
    asked.push('force');
  };
  return { asked, begin, force };
}

/** Sends signals, each at its time in ms, and says what the runner was asked for. */
function send(isAtTerminal: boolean, ...signals: readonly [at: number, signal: string][]) {
  const source = new EventEmitter();
  const shutdown = makeShutdown();
  let now = 0;
  const world = { source, isAtTerminal: () => isAtTerminal, now: () => now };
  const listening = stopOnSignals(shutdown, world);
  for (const [at, signal] of signals) {
    now = at;
    source.emit(signal, signal);
  }
  listening.unsubscribe();
  expect(source.eventNames()).toEqual([]);
  return shutdown.asked;
}

const by = (signal: string) => ({ type: 'signal', signal });

describe('stopOnSignals', () => {
  it.each(['SIGTERM', 'SIGINT'])('should stop gracefully at one %s', (signal) => {
    expect(send(false, [0, signal])).toEqual([by(signal)]);
    expect(send(true, [0, signal])).toEqual([by(signal)]);
  });

  it.each<[string, boolean, [number, string][]]>([
    [
      'another one, at once',
      false,
      [
        [0, 'SIGTERM'],
        [0, 'SIGINT'],
      ],
    ],
    [
      'the same one, at once',
      false,
      [
        [0, 'SIGINT'],
        [0, 'SIGINT'],
      ],
    ],
    [
      'another one at a terminal, at once',
      true,
      [
        [0, 'SIGTERM'],
        [0, 'SIGINT'],
      ],
    ],
    [
      'the same one at a terminal, 100 ms later',
      true,
      [
        [7, 'SIGINT'],
        [107, 'SIGINT'],
      ],
    ],
    [
      'the same one at a terminal, a second later',
      true,
      [
        [0, 'SIGINT'],
        [1_000, 'SIGINT'],
      ],
    ],
    [
      'the third Ctrl-C, when the second was an echo',
      true,
      [
        [0, 'SIGINT'],
        [1, 'SIGINT'],
        [100, 'SIGINT'],
      ],
    ],
  ])('should stop at once at a second signal: %s', (_what, isAtTerminal, signals) => {
    const [first] = signals[0]!.slice(1) as [string];
    const last = signals.at(-1)![1];
    expect(send(isAtTerminal, ...signals)).toEqual([by(first), 'force', by(last)]);
  });

  it('should take a Ctrl-C that arrives twice for one: of the terminal, and of the npm around it', () => {
    const twice: [number, string][] = [
      [0, 'SIGINT'],
      [99, 'SIGINT'],
    ];
    expect(send(true, ...twice)).toEqual([by('SIGINT')]);
  });
});

describe('stopOnAbort', () => {
  it('should stop when the signal aborts, with its reason as the cause, and let go when told', () => {
    const { asked, ...shutdown } = makeShutdown();
    const [first, second] = [new AbortController(), new AbortController()];
    stopOnAbort(shutdown, first.signal);
    stopOnAbort(shutdown, second.signal)();
    first.abort('why');
    second.abort();
    expect(asked).toEqual([{ type: 'abort', cause: 'why' }]);
  });

  it('should stop at once when the signal has aborted', () => {
    const { asked, ...shutdown } = makeShutdown();
    stopOnAbort(shutdown, AbortSignal.abort('why'));
    expect(asked).toEqual([{ type: 'abort', cause: 'why' }]);
  });
});

describe('fromWishes', () => {
  it('should number what is meant, for each subscriber, and leave echoes out', () => {
    const source = new EventEmitter();
    let now = 0;
    const wishes$ = fromWishes({ source, isAtTerminal: () => true, now: () => now });
    const heard: unknown[] = [];
    const subscription = wishes$.subscribe(({ number, signal }) => heard.push([number, signal]));
    for (const at of [0, 50, 150]) {
      now = at;
      source.emit('SIGINT', 'SIGINT');
    }
    subscription.add(wishes$.subscribe(({ number }) => heard.push(number)));
    source.emit('SIGTERM', 'SIGTERM');
    subscription.unsubscribe();

    expect(heard).toEqual([[1, 'SIGINT'], [2, 'SIGINT'], [3, 'SIGTERM'], 1]);
    expect(source.eventNames()).toEqual([]);
  });
});
