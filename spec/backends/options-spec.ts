import { describe, expect, it } from '@jest/globals';
import { toAdoption, toRestart } from '../../src/backends/options.js';
import { constant } from '../../src/supervise/backoff.js';

describe('toRestart', () => {
  it.each([
    [{}, 'never'],
    [{ delay: 5, key: 'a', priority: 1 }, 'never'],
    [{ backoff: constant(0) }, 'on-failure'],
    [{ maxRestarts: 0 }, 'on-failure'],
    [{ within: 5 }, 'on-failure'],
    [{ resetAfter: 5 }, 'on-failure'],
    [{ restart: 'always', maxRestarts: 2 }, 'always'],
    [{ restart: 'never', maxRestarts: 2 }, 'never'],
    [{ restart: undefined, maxRestarts: 2 }, 'on-failure'],
    [{ restart: undefined, maxRestarts: undefined }, 'never'],
  ])('should take %j for %s, and so should the task', (options, expected) => {
    expect(toRestart(options as never)).toBe(expected);
    expect(toAdoption(options as never)).toMatchObject({ restart: expected });
  });
});
