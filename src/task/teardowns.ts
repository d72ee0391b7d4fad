import { isPromiseLike } from './payload.js';

/**
 * Runs teardowns, last in first out, each awaited if it's asynchronous. One that fails skips no other.
 * Without asynchronous ones it is done before it returns.
 */
export function runTeardowns(
  teardowns: (() => unknown)[],
  onError: (error: unknown) => void,
  whenDone: () => void,
): void {
  const next = () => {
    runTeardowns(teardowns, onError, whenDone);
  };
  for (let teardown = teardowns.pop(); teardown; teardown = teardowns.pop()) {
    try {
      const result = teardown();
      if (!isPromiseLike(result)) continue;
      result.then(next, (error: unknown) => {
        onError(error);
        next();
      });
      return;
    } catch (error) {
      onError(error);
    }
  }
  whenDone();
}
