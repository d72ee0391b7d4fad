import { describe, expect, it } from '@jest/globals';
import { watchdogInterval } from '../../../src/cli/systemd/watchdog-interval.js';

const intervalOf = (usec?: string, watched?: string) =>
  watchdogInterval(
    {
      ...(usec === undefined ? {} : { WATCHDOG_USEC: usec }),
      ...(watched === undefined ? {} : { WATCHDOG_PID: watched }),
    },
    42,
  );

describe('watchdogInterval', () => {
  it.each([
    ['half of what is asked for', '30000000', undefined, 15_000],
    ['half of it when this process is the one that is watched', '3000000', '42', 1_500],
    ['nothing when there is no watchdog', undefined, undefined, undefined],
    ['nothing when another process is watched', '3000000', '43', undefined],
    ['nothing when the time is none', '0', undefined, undefined],
    ['nothing when the time is empty', '', undefined, undefined],
    ['nothing when the time is no number', '3s', undefined, undefined],
    ['nothing when the time is negative', '-5', undefined, undefined],
    ['a millisecond at least', '1', undefined, 1],
    ['no more than a timer can wait', '18446744073709551615', undefined, 2 ** 31 - 1],
  ])('should be %s', (_, usec, watched, expected) => {
    expect(intervalOf(usec, watched)).toBe(expected);
  });
});
