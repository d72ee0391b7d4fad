import { describe, expect, it, jest } from '@jest/globals';
import { EMPTY, NEVER, Observable, observable, of } from 'rxjs';
import {
  DuplicateNameError,
  InvalidOptionError,
  InvalidPayloadError,
  type RxvisorError,
} from '../../src/errors.js';
import { group } from '../../src/group/group.js';
import { type MemberSpec, toPlans } from '../../src/group/plan.js';
import { runGroup } from '../../src/group/run-group.js';

const named = (name: string, after?: readonly string[]): MemberSpec =>
  after ? { name, payload: NEVER, after } : { name, payload: NEVER };

/** What `work` throws. */
function thrownBy(work: () => unknown): RxvisorError {
  try {
    work();
  } catch (error) {
    return error as RxvisorError;
  }
  throw new Error('nothing was thrown');
}

describe('the specs of a group', () => {
  it('should be none, one or many', () => {
    expect(toPlans([])).toEqual([]);
    expect(toPlans([named('a')]).map(({ name }) => name)).toEqual(['a']);
    const many = Array.from({ length: 1_000 }, (_, i) => named(`m${i}`));
    expect(toPlans(many).map(({ name }) => name)).toEqual(many.map(({ name }) => name));
  });

  it('should restart on failure, start after nobody and be insignificant, unless told', () => {
    const [plan] = toPlans([{ name: 'a', payload: NEVER }]);
    expect(plan).toEqual({
      name: 'a',
      payload: NEVER,
      after: [],
      significant: false,
      options: { name: 'a', args: [], restart: 'on-failure' },
    });
  });

  it('should take an option that is undefined for absent', () => {
    const spec = { name: 'a', payload: NEVER, after: undefined, restart: undefined };
    const [plan] = toPlans([spec as unknown as MemberSpec]);
    expect(plan).toMatchObject({ after: [], options: { restart: 'on-failure' } });
  });

  it('should keep every option of adopt', () => {
    const payload = (_url: string) => EMPTY;
    const backoff = () => 5;
    const options = {
      name: 'a',
      args: ['url'],
      flavour: 'async',
      grace: 10,
      restart: 'always',
      backoff,
      resetAfter: 1,
      maxRestarts: 2,
      within: 3,
      awaitReady: true,
      errors: 'fatal',
    } as const;
    const [plan] = toPlans([{ ...options, payload, significant: true }]);
    expect(plan).toEqual({ name: 'a', payload, after: [], significant: true, options });
  });

  it('should start nothing by being planned', () => {
    const payload = jest.fn(() => NEVER);
    const subscribe = jest.fn(() => undefined);
    const source$ = new Observable<never>(subscribe);
    group([
      { name: 'a', payload },
      { name: 'b', payload: source$ },
    ]);
    expect(payload).not.toHaveBeenCalled();
    expect(subscribe).not.toHaveBeenCalled();
  });

  it('should accept an Observable of another copy of RxJS', () => {
    const foreign = { [observable]: () => of(1) } as unknown as Observable<unknown>;
    expect(toPlans([{ name: 'a', payload: foreign }])).toHaveLength(1);
  });

  it('should start after a member that is listed later, and after many', () => {
    const specs = [named('d', ['b', 'c']), named('b', ['a']), named('c', ['a']), named('a')];
    expect(toPlans(specs).map(({ after }) => after)).toEqual([['b', 'c'], ['a'], ['a'], []]);
  });

  it('should take a long chain for no circle, in a reasonable time', () => {
    const chain = Array.from({ length: 2_000 }, (_, i) => named(`${i}`, [`${i + 1}`]));
    expect(toPlans([...chain, named('2000')])).toHaveLength(2_001);
  }, 10_000);
});

describe('what is refused before anything starts', () => {
  const bad = (spec: object): readonly MemberSpec[] => [
    named('good'),
    { name: 'bad', payload: NEVER, ...spec },
  ];

  const optionCases: [string, readonly MemberSpec[], string, RegExp][] = [
    ['no array', { length: 0 } as unknown as MemberSpec[], 'specs', /give an array/],
    ['a spec that is no object', [null as unknown as MemberSpec], 'options', /give an object/],
    ['no name', [{ payload: NEVER } as unknown as MemberSpec], 'name', /undefined: give a string/],
    ['an empty name', bad({ name: '' }), 'name', /is "?'?'?"?: give a string that is not empty/],
    ['a name that is no string', bad({ name: 5 }), 'name', /is 5: give a string/],
    ['an unknown option', bad({ restarts: 5 }), 'restarts', /"restarts" is 5: there is no such/],
    ['an unknown restart', bad({ restart: 'often' }), 'restart', /often.*"on-failure"/],
    ['a negative grace', bad({ grace: -1 }), 'grace', /is -1: give milliseconds/],
    ['a grace that is NaN', bad({ grace: NaN }), 'grace', /is NaN: give milliseconds/],
    ['a budget that is a fraction', bad({ maxRestarts: 0.5 }), 'maxRestarts', /0\.5.*whole number/],
    ['an infinite window', bad({ within: Infinity }), 'within', /Infinity: give milliseconds/],
    ['a string for a number', bad({ resetAfter: '5' }), 'resetAfter', /5.*give milliseconds/],
    ['a number for a backoff', bad({ backoff: 1_000 }), 'backoff', /is 1000: give a function/],
    ['args that are no array', bad({ args: 'url' }), 'args', /url.*: give an array/],
    ['a flavour that is none', bad({ flavour: {} }), 'flavour', /give the name of a flavour/],
    [
      'an unknown flavour',
      bad({ flavour: 'nope' }),
      'flavour',
      /nope.*take one of 'asap', 'async'/,
    ],
    ['a word for a truth', bad({ awaitReady: 'yes' }), 'awaitReady', /yes.*: give true or false/],
    ['a number for a truth', bad({ significant: 1 }), 'significant', /is 1: give true or false/],
    ['unknown errors', bad({ errors: 'ignore' }), 'errors', /ignore.*"deliver"/],
    ['one name to start after', bad({ after: 'good' }), 'after', /good.*: give an array of names/],
    ['numbers to start after', bad({ after: [5] }), 'after', /5.*: give an array of names/],
    [
      'an unknown member to start after',
      bad({ after: ['good', 'goof'] }),
      'after',
      /member "bad" starts after "goof", which is no member: the members are good, bad$/,
    ],
    [
      'a member that starts after itself',
      [named('good'), named('a', ['a'])],
      'after',
      /member "a" would wait for itself, by way of "a": take one of these out$/,
    ],
    [
      'two that wait for each other',
      [named('a', ['b']), named('good'), named('b', ['good', 'a'])],
      'after',
      /member "a" would wait for itself, by way of "a", "b": take/,
    ],
    [
      'three that wait in a circle',
      [named('a', ['c']), named('b', ['a']), named('c', ['b']), named('good')],
      'after',
      /member "a" would wait for itself, by way of "a", "b", "c": take/,
    ],
  ];

  describe.each(optionCases)('should be %s', (_, specs, option, message) => {
    const expected = { code: 'ERR_RXVISOR_INVALID_OPTION', option };

    it('by group', () => {
      const error = thrownBy(() => group(specs));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject(expected);
      expect(error.message).toMatch(message);
    });

    it('by runGroup', async () => {
      const error: unknown = await runGroup(specs, { signals: false }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject(expected);
    });
  });

  it('should be the circle alone, not those who wait for it', () => {
    const specs = [named('waits', ['a']), named('a', ['b']), named('b', ['a']), named('free')];
    const { message } = thrownBy(() => group(specs));
    expect(message).toMatch(/member "a" would wait for itself, by way of "a", "b": take/);
  });

  it('should be a name that is given twice', () => {
    const specs = [named('a'), named('b'), named('a')];
    const error = thrownBy(() => group(specs));
    expect(error).toBeInstanceOf(DuplicateNameError);
    expect(error).toMatchObject({ code: 'ERR_RXVISOR_DUPLICATE_NAME', task: 'a' });
    expect(error.message).toMatch(/"a".*give each member of a group a name of its own$/);
  });

  it.each([
    ['none', undefined],
    ['a promise', Promise.resolve()],
    ['a string', 'payload'],
    ['an array', [1]],
    ['an iterator', [1].values()],
  ])('should be %s for a payload', (_, payload) => {
    const spec = { name: 'a', payload } as unknown as MemberSpec;
    const error = thrownBy(() => group([spec]));
    expect(error).toBeInstanceOf(InvalidPayloadError);
    expect(error.message).toMatch(/wrap it in a function/);
  });

  it.each<[string, unknown, string]>([
    ['an unknown strategy', { strategy: 'one-for-none' }, 'strategy'],
    ['an unknown option', { stratagem: 'one-for-all' }, 'stratagem'],
    ['no object', 'one-for-all', 'options'],
  ])('should be %s for the options of a group', (_, options, option) => {
    const error = thrownBy(() => group([], options as object));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ option });
  });

  it('should be refused with nothing called and nothing subscribed', () => {
    const payload = jest.fn(() => NEVER);
    expect(() => group([{ name: 'a', payload }, named('b', ['c'])])).toThrow(InvalidOptionError);
    expect(payload).not.toHaveBeenCalled();
  });
});
