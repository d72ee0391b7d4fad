import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler, asyncScheduler, queueScheduler } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import {
  type Check,
  type Checks,
  aBoolean,
  aFunction,
  aName,
  aScheduler,
  anAbortSignal,
  anArray,
  atLeastOne,
  checkGiven,
  checkOptions,
  countOrInfinity,
  duration,
  durationOrInfinity,
  either,
  hasMethod,
  oneOf,
} from '../../src/task/check.js';

interface Options {
  readonly delay?: number;
  readonly name?: string;
}

const CHECKS: Checks<Options> = { delay: duration, name: aName };

const check = (options: unknown) => () => {
  checkOptions(options as Options, CHECKS);
};

describe('checkOptions', () => {
  it.each([
    ['an empty object', {}],
    ['one option', { delay: 0 }],
    ['all options', { delay: 1.5, name: 'tick' }],
    ['undefined for absent', { delay: undefined, name: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { delay: 1 })],
    ['an object of another realm', runInNewContext('({ delay: 1 })') as unknown],
  ])('should accept %s', (_title, options) => {
    expect(check(options)).not.toThrow();
  });

  it.each([
    ['null', null],
    ['an array', []],
    ['a function', () => 1],
    ['a string', 'fast'],
    ['a number', 1_000],
    ['undefined', undefined],
  ])('should refuse what is no options object: %s', (_title, options) => {
    expect(check(options)).toThrow(InvalidOptionError);
    expect(check(options)).toThrow(
      expect.objectContaining({
        option: 'options',
        value: options,
        code: 'ERR_RXVISOR_INVALID_OPTION',
      }),
    );
    expect(check(options)).toThrow('give an object, or leave it out');
  });

  it('should refuse an unknown key, by name, and list the known ones (PITFALLS B13)', () => {
    expect(check({ delay: 1, dealy: 2 })).toThrow(
      'option "dealy" is 2: there is no such option here, take one of delay, name',
    );
    expect(check({ dealy: 2 })).toThrow(expect.objectContaining({ option: 'dealy', value: 2 }));
  });

  it('should refuse an unknown key also when it has no value', () => {
    expect(check({ dealy: undefined })).toThrow('option "dealy" is undefined: ');
  });

  it.each(['toString', 'constructor', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    'should refuse the key %s, which every object has, as any other unknown one',
    (option) => {
      expect(check({ [option]: 1 })).toThrow(expect.objectContaining({ option, value: 1 }));
    },
  );

  it('should refuse an impossible value with the option, the value and the way out', () => {
    expect(check({ delay: -5 })).toThrow(
      'option "delay" is -5: give milliseconds as a finite number, 0 or more',
    );
    expect(check({ delay: -5 })).toThrow(expect.objectContaining({ option: 'delay', value: -5 }));
  });

  it('should not mind a value that cannot be shown', () => {
    const hostile = {
      [Symbol.for('nodejs.util.inspect.custom')]: () => {
        throw new Error('not to be inspected');
      },
    };

    expect(check({ delay: hostile })).toThrow('option "delay" is a value that cannot be shown: ');
  });

  it('should change nothing in the options', () => {
    const options = Object.freeze({ delay: 1 });

    check(options)();

    expect(options).toEqual({ delay: 1 });
  });
});

describe('checkGiven', () => {
  it('should accept what the check accepts', () => {
    expect(() => {
      checkGiven('delay', 5, duration);
    }).not.toThrow();
  });

  it.each([undefined, null, -1])('should refuse %p: it has to be given', (value) => {
    const act = () => {
      checkGiven('delay', value, duration);
    };

    expect(act).toThrow(InvalidOptionError);
    expect(act).toThrow(expect.objectContaining({ option: 'delay', value }));
  });
});

describe('the checks', () => {
  const numbers = [0, -0, 0.5, 1, 1.5, 60_000, 2 ** 31, Number.MAX_VALUE, Infinity];
  const never = [-1, -0.5, -Infinity, NaN, '5', '', null, undefined, true, {}, [], 5n];

  it.each<[string, Check, readonly unknown[], readonly unknown[]]>([
    ['duration', duration, numbers.slice(0, -1), [...never, Infinity]],
    ['durationOrInfinity', durationOrInfinity, numbers, never],
    ['countOrInfinity', countOrInfinity, [0, 1, 60_000, 2 ** 53, Infinity], [...never, 0.5, 1.5]],
    ['atLeastOne', atLeastOne, [1, 1.5, 2, Number.MAX_VALUE], [...never, 0, 0.999, Infinity]],
    ['aBoolean', aBoolean, [true, false], [0, 1, 'true', null, undefined]],
    ['aFunction', aFunction, [() => 1, async () => 1, Map], [{}, 'f', null, undefined]],
    [
      'anArray',
      anArray,
      [[], [1], runInNewContext('[]')],
      [{}, { length: 0 }, 'abc', new Set(), null, undefined],
    ],
    ['aName', aName, ['a', ' ', 'web/poller'], ['', 7, null, undefined, {}]],
    [
      'aScheduler',
      aScheduler,
      [asyncScheduler, queueScheduler, new VirtualTimeScheduler()],
      [
        'async',
        {},
        { now: () => 0 },
        { schedule: () => 0 },
        { now: 0, schedule: 0 },
        null,
        undefined,
      ],
    ],
    [
      'anAbortSignal',
      anAbortSignal,
      [new AbortController().signal, AbortSignal.abort()],
      [new AbortController(), {}, { aborted: false }, new EventTarget(), null, undefined],
    ],
    ['oneOf', oneOf('a', 'b'), ['a', 'b'], ['c', '', 'A', null, undefined]],
    ['either', either(oneOf('a'), aFunction), ['a', () => 1], ['b', 1, null, undefined]],
  ])('%s should accept what it says and nothing else', (_name, { accepts, wanted }, good, bad) => {
    expect(good.filter((value) => !accepts(value))).toEqual([]);
    expect(bad.filter((value) => accepts(value))).toEqual([]);
    expect(wanted).toMatch(/^give /);
  });

  it('should say the way out in words', () => {
    expect(oneOf('never', 'always').wanted).toBe('give one of "never", "always"');
    expect(either(oneOf('none'), aFunction).wanted).toBe('give one of "none", or give a function');
  });
});

describe('hasMethod', () => {
  it('should see own and inherited methods of objects, and nothing of other values', () => {
    expect(hasMethod({ go: () => 1 }, 'go')).toBe(true);
    expect(hasMethod(new Map(), 'get')).toBe(true);
    expect(hasMethod({ go: 1 }, 'go')).toBe(false);
    expect(hasMethod({}, 'go')).toBe(false);
    expect(hasMethod('abc', 'at')).toBe(false);
    expect(hasMethod(null, 'go')).toBe(false);
    expect(hasMethod(undefined, 'go')).toBe(false);
  });
});
