import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { peek, sayReason, show } from '../src/show.js';

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const throwing = {
  get name(): string {
    throw new Error('no name');
  },
  get message(): string {
    throw new Error('no message');
  },
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    throw new Error('not to be inspected');
  },
};

describe('show', () => {
  it.each<[unknown, string]>([
    [42, '42'],
    [-0, '-0'],
    ['a', "'a'"],
    ['a\nb', "'a\\nb'"],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 2], '[ 1, 2 ]'],
    [{ a: { b: { c: 1 } } }, '{ a: { b: [Object] } }'],
    [new Error('boom'), 'Error: boom'],
    [new TypeError('boom'), 'TypeError: boom'],
    [runInNewContext("new RangeError('boom')"), 'RangeError: boom'],
    [Symbol('a'), 'Symbol(a)'],
    [5n, '5n'],
  ])('should show %p', (value, shown) => {
    expect(show(value)).toBe(shown);
  });

  it.each<[string, unknown]>([
    ['a long string', 'x'.repeat(10_000)],
    ['a long array', Array.from({ length: 10_000 }, (_, i) => i)],
    [
      'an object with many keys',
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i])),
    ],
    ['an error with a long message', new Error('x'.repeat(10_000))],
    ['an error with lines in its message', new Error('a\nb\n  c')],
    ['an object that holds an error, with its stack', { error: new Error('boom') }],
    ['a function', function named() {}],
    [
      'a class',
      class Named {
        readonly a = 1;
      },
    ],
    ['a Map of Maps', new Map([[1, new Map([[2, { a: [1, 2, 3] }]])]])],
  ])('should be one short line: %s', (_title, value) => {
    expect(show(value)).not.toContain('\n');
    expect(show(value).length).toBeLessThanOrEqual(160);
    expect(show(value).length).toBeGreaterThan(0);
  });

  it('should say where it has cut', () => {
    expect(show(new Error('x'.repeat(10_000)))).toMatch(/x…$/);
  });

  it.each<[string, unknown]>([
    ['a revoked proxy', revoked()],
    ['an object whose members throw', throwing],
    [
      'an object that holds itself',
      (() => {
        const a: { a?: unknown } = {};
        a.a = a;
        return a;
      })(),
    ],
    ['an object without a prototype', Object.create(null)],
  ])('should never throw: %s', (_title, value) => {
    expect(() => show(value)).not.toThrow();
    expect(show(value)).not.toBe('');
  });
});

describe('peek', () => {
  it('should read a member of anything', () => {
    expect(peek({ a: 1 }, 'a')).toBe(1);
    expect(peek('abc', 'length')).toBe(3);
    expect(peek(new Error('boom'), 'message')).toBe('boom');
  });

  it.each([undefined, null, 5, {}, revoked(), throwing])(
    'should be undefined where there is none, or none that can be read (%#)',
    (value) => {
      expect(peek(value, 'name')).toBeUndefined();
    },
  );
});

describe('sayReason', () => {
  it.each([
    [{ type: 'shutdown' } as const, 'shutdown'],
    [{ type: 'signal', signal: 'SIGTERM' } as const, 'signal SIGTERM'],
    [{ type: 'stop', message: 'deploying' } as const, 'stop (deploying)'],
    [{ type: 'signal', signal: 'SIGINT', message: 'again' } as const, 'signal SIGINT (again)'],
  ])('should put %p in words', (reason, words) => {
    expect(sayReason(reason)).toBe(words);
  });
});
