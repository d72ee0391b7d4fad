import { describe, expect, it } from '@jest/globals';
import { keepError, toError, toSpeakable } from '../../../src/broker/jobs/error-json.js';

const through = (error: unknown) => toError(JSON.parse(JSON.stringify(keepError(error))));

describe('an error in JSON', () => {
  it.each([undefined, null, '', 'boom', 0, -0, NaN, Infinity, -Infinity, 10n, true])(
    'should be what was thrown: %p',
    (error) => {
      expect(through(error)).toBe(error);
    },
  );

  it('should have its class, its fields and its causes', () => {
    const error = Object.assign(new RangeError('boom', { cause: [new TypeError('inner'), 1n] }), {
      code: 'E_X',
      none: undefined,
      at: { deep: NaN },
    });
    const thrown = through(error) as RangeError & Record<string, unknown>;

    expect(thrown).toBeInstanceOf(RangeError);
    expect(thrown).toMatchObject({ message: 'boom', stack: error.stack, code: 'E_X' });
    expect(thrown.cause).toEqual([new TypeError('inner'), 1n]);
    expect([thrown.none, thrown.at]).toEqual([undefined, { deep: NaN }]);
  });

  it('should hold nothing that PostgreSQL has no word for', () => {
    const kept = keepError(new Error('a\u0000\ud800b'));

    expect(JSON.stringify(JSON.stringify(kept))).not.toMatch(/(?<!\\)\\\\u0000|(?<!\\)\\\\ud800/);
    expect(toSpeakable('a\u0000\ud800b😀')).toBe('a\ufffd\ufffdb😀');
    expect(through(new Error('a\u0000\ud800b'))).toMatchObject({ message: 'a\u0000\ud800b' });
  });

  it('should be short, whatever was thrown', () => {
    const error = Object.assign(new Error('boom'), { dump: 'x'.repeat(10_000_000) });

    expect(JSON.stringify(keepError(error)).length).toBeLessThan(600_000);
    expect(through(error)).toMatchObject({ message: expect.stringContaining('boom') });
  });

  it.each([undefined, null, {}, { value: { message: 'job heartbeat timeout' } }, 'x', 7])(
    'should be that of a lost machine, where nobody was left to say one: %p',
    (kept) => {
      expect(toError(kept)).toMatchObject({
        message: expect.stringContaining('the machine that did it was lost'),
      });
    },
  );
});
