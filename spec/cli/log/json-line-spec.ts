import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { OrphanedValueError } from '../../../src/errors.js';
import { jsonLine, jsonMessage } from '../../../src/cli/log/json-line.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** What is left of an error, or of anything else, in the line of a crash. */
function through(error: unknown): unknown {
  const crash = { seq: 7, at: AT, type: 'crash', task: 'a/b', origin: 'adopt', uptime: 5, error };
  const line = jsonLine({ ...crash, restarting: true } as unknown as LifecycleEvent);
  expect(line).not.toContain('\n');
  const { error: told, ...others } = JSON.parse(line) as Record<string, unknown>;
  expect(others).toEqual({
    level: 'warn',
    time: '2026-01-02T03:04:05.006Z',
    seq: 7,
    at: AT,
    type: 'crash',
    task: 'a/b',
    origin: 'adopt',
    uptime: 5,
    restarting: true,
  });
  return told;
}

describe('jsonLine', () => {
  it('should hold the level, the time and all that the event has, in one line', () => {
    expect(jsonLine({ seq: 1, at: AT, type: 'up' })).toBe(
      `{"level":"info","time":"2026-01-02T03:04:05.006Z","seq":1,"at":${AT},"type":"up"}`,
    );
  });

  it('should hold errors with name, message, code, stack, cause, parts and own fields', () => {
    const parts = [new TypeError('one'), 'two'];
    const cause = Object.assign(new Error('below'), { code: 'EBELOW' });
    const error = Object.assign(new AggregateError(parts, 'all\nof them', { cause }), { port: 80 });

    expect(through(error)).toEqual({
      name: 'AggregateError',
      message: 'all\nof them',
      stack: error.stack,
      cause: { name: 'Error', message: 'below', code: 'EBELOW', stack: cause.stack },
      errors: [{ name: 'TypeError', message: 'one', stack: (parts[0] as Error).stack }, 'two'],
      port: 80,
    });
  });

  it('should hold the fields of our own errors, and their class', () => {
    expect(through(new OrphanedValueError('tick', 42))).toMatchObject({
      name: 'OrphanedValueError',
      code: 'ERR_RXVISOR_ORPHANED_VALUE',
      task: 'tick',
      value: 42,
    });
  });

  it('should know an error of another realm', () => {
    expect(through(runInNewContext('new RangeError("far")'))).toMatchObject({
      name: 'RangeError',
      message: 'far',
    });
  });

  it.each([
    ['a string', 'a string'],
    [null, null],
    [undefined, undefined],
    [false, false],
    [1.5, 1.5],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [12n, '12'],
    [Symbol('s'), 'Symbol(s)'],
    [function named() {}, '[Function: named]'],
    [new Date(AT), '2026-01-02T03:04:05.006Z'],
    [new Date(NaN), null],
    [
      [1, undefined, [2]],
      [1, null, [2]],
    ],
    [{ a: { b: undefined, c: 1 } }, { a: { c: 1 } }],
    [Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    [new Map([[1, 2]]), 'Map(1) { 1 => 2 }'],
    [
      { toJSON: () => 'mine', a: 1 },
      { toJSON: '[Function: toJSON]', a: 1 },
    ],
  ])('should hold whatever was thrown: %p', (error, told) => {
    expect(through(error)).toEqual(told);
  });

  it('should name a circle, and not take a thing that is there twice for one', () => {
    const twice = { a: 1 };
    const error = Object.assign(new Error('round'), { twice: [twice, twice] });
    error.cause = Object.assign(new Error('and round'), { cause: error });

    expect(through(error)).toMatchObject({
      twice: [{ a: 1 }, { a: 1 }],
      cause: { message: 'and round', cause: '[circular]' },
    });
  });

  it('should say what is too deep in a word, and leave out what is too much', () => {
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 50; depth++) deep = { deep };
    const line = JSON.stringify(through({ deep, many: Array.from({ length: 5_000 }, () => 1) }));

    expect(line).not.toContain('bottom');
    expect(line.length).toBeLessThan(1_000);
    expect(JSON.stringify(through('x'.repeat(1_000_000))).length).toBeLessThan(20_000);
  });

  it.each([
    ['a revoked proxy', () => revoked()],
    ['a proxy that refuses everything', () => new Proxy({}, refusing())],
    [
      'a getter that throws',
      () => ({
        get a() {
          throw new Error('no');
        },
        b: 1,
      }),
    ],
    [
      'an error whose message throws',
      () =>
        Object.defineProperty(new Error('x'), 'message', {
          get: () => {
            throw new Error('no');
          },
        }),
    ],
    ['an error whose name is an object', () => Object.assign(new Error('x'), { name: {} })],
    ['a list whose length lies', () => Object.assign([1], { length: 4_000_000_000 })],
  ])('should not throw for %s', (_, make) => {
    expect(() => through({ inside: make() })).not.toThrow();
    expect(() => through(make())).not.toThrow();
  });

  it('should hold a time that no calendar has as null', () => {
    expect(JSON.parse(jsonLine({ seq: 1, at: 1e20, type: 'up' }))).toMatchObject({ time: null });
  });
});

describe('jsonMessage', () => {
  it('should hold what the command says as the same kind of line', () => {
    expect(jsonMessage('warn', AT, 'one\ntwo')).toBe(
      '{"level":"warn","time":"2026-01-02T03:04:05.006Z","type":"message","message":"one\\ntwo"}',
    );
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const refusing = () =>
  new Proxy<ProxyHandler<object>>(
    {},
    {
      get: () => () => {
        throw new Error('refused');
      },
    },
  );
