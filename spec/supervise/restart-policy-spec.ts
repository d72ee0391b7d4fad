import { describe, expect, it, jest } from '@jest/globals';
import { RestartLimitError, StopRestarting } from '../../src/errors.js';
import { constant, exponential } from '../../src/supervise/backoff.js';
import { RestartPolicy } from '../../src/supervise/restart-policy.js';
import type { RestartOptions } from '../../src/task/shapes.js';

const AT_ONCE = { now: 0, uptime: 0 };
const boom = new Error('boom');

describe('RestartPolicy', () => {
  const policy = (options: RestartOptions = {}) =>
    new RestartPolicy('tick', { backoff: constant(5), ...options });

  describe.each([
    ['never', { type: 'fail', error: boom }, { type: 'complete' }],
    ['on-failure', { type: 'restart', delay: 5 }, { type: 'complete' }],
    ['always', { type: 'restart', delay: 5 }, { type: 'restart', delay: 5 }],
  ] as const)('%s', (restart, afterCrash, afterCompletion) => {
    it('should say what follows a crash', () => {
      expect(policy({ restart }).afterCrash(boom, AT_ONCE)).toEqual(afterCrash);
    });

    it('should say what follows a completion', () => {
      expect(policy({ restart }).afterCompletion(AT_ONCE)).toEqual(afterCompletion);
    });

    it('should never follow StopRestarting with another attempt', () => {
      const cause = new Error('bad configuration');

      expect(policy({ restart }).afterCrash(new StopRestarting(cause), AT_ONCE)).toEqual({
        type: 'fail',
        error: cause,
      });
    });
  });

  it("should be 'on-failure' with an exponential backoff by default", () => {
    const byDefault = new RestartPolicy('tick', {});

    expect(byDefault.afterCrash(boom, AT_ONCE)).toEqual({ type: 'restart', delay: 1_000 });
    expect(byDefault.afterCrash(boom, AT_ONCE)).toEqual({ type: 'restart', delay: 2_000 });
    expect(byDefault.afterCompletion(AT_ONCE)).toEqual({ type: 'complete' });
  });

  it('should keep the very same error object, whatever it is', () => {
    for (const error of [boom, 'boom', 0, null, undefined, {}]) {
      const verdict = policy({ restart: 'never' }).afterCrash(error, AT_ONCE);

      expect(verdict.type === 'fail' && Object.is(verdict.error, error)).toBe(true);
    }
  });

  it('should tell StopRestarting without a cause from one with a cause of undefined', () => {
    const bare = new StopRestarting();

    expect(policy().afterCrash(bare, AT_ONCE)).toEqual({ type: 'fail', error: bare });
    expect(policy().afterCrash(new StopRestarting(undefined), AT_ONCE)).toEqual({
      type: 'fail',
      error: undefined,
    });
  });

  it.each([{ code: 'ERR_OTHER' }, { code: 7 }, 'ERR_RXVISOR_STOP_RESTARTING', null, undefined])(
    'should not take %p for StopRestarting',
    (error) => {
      expect(policy().afterCrash(error, AT_ONCE)).toEqual({ type: 'restart', delay: 5 });
    },
  );

  it('should own backoff and budget together, so that none ignores the other (PITFALLS B6)', () => {
    const both = policy({ backoff: exponential({ initial: 1 }), maxRestarts: 3 });
    const verdicts = [0, 1, 2, 3].map((now) => both.afterCrash(boom, { now, uptime: 0 }));

    expect(verdicts.slice(0, 3)).toEqual([1, 2, 4].map((delay) => ({ type: 'restart', delay })));
    expect(verdicts[3]).toEqual({ type: 'fail', error: expect.any(RestartLimitError) });
  });

  it('should reset both by uptime, boundary included, and by nothing else (PITFALLS B1, B7)', () => {
    const both = policy({
      backoff: exponential({ initial: 1 }),
      maxRestarts: 2,
      within: 1_000_000,
      resetAfter: 50,
    });
    const delays = [0, 49, 50, 0, 49].map((uptime, now) => both.afterCrash(boom, { now, uptime }));

    expect(delays.slice(0, 4)).toEqual([1, 2, 1, 2].map((delay) => ({ type: 'restart', delay })));
    expect(delays[4]?.type).toBe('fail');
  });

  it('should never take an attempt that was never ready for one that was up long enough', () => {
    const backoff = jest.fn(() => 0);
    const never = policy({ backoff, resetAfter: 0 });

    never.afterCrash(boom, { now: 0, uptime: undefined });
    never.afterCrash(boom, { now: 1_000_000, uptime: undefined });

    expect(backoff.mock.calls).toEqual([[1], [2]]);
  });

  it('should count decisions, not gaps: slow stops and long delays use up a budget too (PITFALLS B14)', () => {
    // Each attempt took 30 ms to stop, so that the gaps alone are longer than a third of the window.
    const slow = policy({ maxRestarts: 3, within: 100 });
    const verdicts = [0, 30, 60, 90].map((now) => slow.afterCrash(boom, { now, uptime: 0 }));

    expect(verdicts.map(({ type }) => type)).toEqual(['restart', 'restart', 'restart', 'fail']);
  });

  it('should fail by name, with the last error as the cause', () => {
    const spent = policy({ maxRestarts: 1, within: 100 });
    spent.afterCrash(new Error('first'), AT_ONCE);
    const verdict = spent.afterCrash(boom, AT_ONCE);

    expect(verdict).toEqual({ type: 'fail', error: expect.any(RestartLimitError) });
    expect(verdict).toMatchObject({ error: { task: 'tick', restarts: 1, cause: boom } });
  });

  it('should fail with no cause when there was no error', () => {
    const verdict = policy({ restart: 'always', maxRestarts: 0 }).afterCompletion(AT_ONCE);

    expect(verdict).toMatchObject({ type: 'fail', error: { task: 'tick' } });
    expect(verdict).not.toHaveProperty('error.cause');
  });

  describe('a backoff that throws', () => {
    const throwing = (error: unknown) =>
      policy({
        restart: 'always',
        backoff: () => {
          throw error;
        },
      });

    it('should not hide the crash that it was asked about', () => {
      const error = new Error('no delay');

      const verdict = throwing(error).afterCrash(boom, AT_ONCE);

      expect(verdict.type === 'fail' && verdict.error === error).toBe(true);
      expect(error.cause).toBe(boom);
      expect(Object.keys(error)).not.toContain('cause');
    });

    it('should leave a cause alone that its error has already', () => {
      const error = new Error('no delay', { cause: 'mine' });

      throwing(error).afterCrash(boom, AT_ONCE);

      expect(error.cause).toBe('mine');
    });

    it('should make no error its own cause', () => {
      const verdict = throwing(boom).afterCrash(boom, AT_ONCE);

      expect(verdict).toEqual({ type: 'fail', error: boom });
      expect('cause' in boom).toBe(false);
    });

    it('should have no cause when there was no crash', () => {
      const error = new Error('no delay');

      throwing(error).afterCompletion(AT_ONCE);

      expect('cause' in error).toBe(false);
    });

    it.each(['boom', null, undefined, Object.freeze(new Error('frozen')), { reason: 'mine' }])(
      'should fail with what cannot have a cause as it is: %p',
      (error) => {
        const verdict = throwing(error).afterCrash(boom, AT_ONCE);

        expect(verdict.type === 'fail' && verdict.error === error).toBe(true);
      },
    );
  });

  it('should fail with what backoff throws, whatever it is', () => {
    const backoff = () => {
      throw undefined;
    };

    expect(policy({ backoff }).afterCrash(boom, AT_ONCE)).toEqual({
      type: 'fail',
      error: undefined,
    });
  });

  it.each([
    [-1, 0],
    [-0, 0],
    [0, 0],
    [0.5, 0.5],
    [NaN, 2 ** 31 - 1],
    [Infinity, 2 ** 31 - 1],
    [-Infinity, 2 ** 31 - 1],
    [2 ** 31, 2 ** 31 - 1],
    [Number.MAX_VALUE, 2 ** 31 - 1],
  ])('should clamp a delay of %d to %d (PITFALLS B11)', (delay, expected) => {
    const verdict = policy({ backoff: () => delay }).afterCrash(boom, AT_ONCE);

    expect(verdict).toEqual({ type: 'restart', delay: expected });
  });
});
