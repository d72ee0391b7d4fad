import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler, asyncScheduler } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import { flavours } from '../../src/flavours/flavours.js';
import { checkOptions } from '../../src/task/check.js';
import {
  ADOPT_CHECKS,
  EXECUTE_CHECKS,
  RESTART_CHECKS,
  SUPERVISE_CHECKS,
} from '../../src/task/options.js';

const RESTART: Allowed = {
  restart: {
    good: ['never', 'on-failure', 'always'],
    bad: ['sometimes', 'Never', '', true, null, 0],
  },
  backoff: { good: [() => 1], bad: [1_000, 'exponential', {}, null] },
  resetAfter: { good: [0, 0.5, 60_000], bad: [-1, NaN, Infinity, -Infinity, '60_000', null, []] },
  maxRestarts: { good: [0, 1, 5, Infinity], bad: [-1, 1.5, NaN, -Infinity, '5', null] },
  within: { good: [0, 60_000], bad: [-1, NaN, Infinity, '60_000', null] },
  scheduler: {
    good: [asyncScheduler, new VirtualTimeScheduler()],
    bad: ['async', {}, null, 5, () => 1],
  },
};

const EXECUTE: Allowed = {
  name: { good: ['tick', 'a/b', ' '], bad: ['', 5, null, {}] },
  flavour: {
    // Whether a flavour of that name exists is asked where the flavours are known.
    good: ['asap', 'async', 'whatever', flavours.asap],
    bad: [5, null, {}, asyncScheduler, { name: '', scheduler: asyncScheduler, enter: () => 1 }],
  },
  args: { good: [[], [1, 'a']], bad: ['ab', {}, null, 5] },
  grace: { good: [0, 5_000, Infinity], bad: [-1, NaN, -Infinity, '5s', null] },
};

const ADOPT: Allowed = {
  awaitReady: { good: [true, false], bad: [1, 'true', null] },
  errors: { good: ['fatal', 'deliver'], bad: ['ignore', true, null] },
};

type Allowed = Record<
  string,
  { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }
>;

describe.each([
  ['RESTART_CHECKS', RESTART_CHECKS, RESTART],
  ['SUPERVISE_CHECKS', SUPERVISE_CHECKS, { ...RESTART, name: EXECUTE.name! }],
  ['EXECUTE_CHECKS', EXECUTE_CHECKS, EXECUTE],
  ['ADOPT_CHECKS', ADOPT_CHECKS, { ...RESTART, ...EXECUTE, ...ADOPT }],
] as const)('%s', (_name, checks, allowed: Allowed) => {
  const check = (options: object) => () => {
    checkOptions(options, checks as never);
  };

  it('should know exactly the options of DESIGN', () => {
    expect(Object.keys(checks).sort()).toEqual(Object.keys(allowed).sort());
  });

  it.each(Object.keys(allowed))('should accept every possible value of "%s"', (option) => {
    for (const value of [undefined, ...allowed[option]!.good]) {
      expect(check({ [option]: value })).not.toThrow();
    }
  });

  it.each(Object.keys(allowed))('should refuse every impossible value of "%s"', (option) => {
    for (const value of allowed[option]!.bad) {
      expect(check({ [option]: value })).toThrow(InvalidOptionError);
      expect(check({ [option]: value })).toThrow(expect.objectContaining({ option, value }));
      expect(check({ [option]: value })).toThrow(
        new RegExp(`^option "${option}" is .+: .*give (a|an|one|the|true|milliseconds)\\b`),
      );
    }
  });

  it('should refuse an unknown key, and say which there are (PITFALLS B13)', () => {
    expect(check({ retries: 3 })).toThrow(
      `option "retries" is 3: there is no such option here, take one of ${Object.keys(checks).join(', ')}`,
    );
  });
});

describe('an option in the wrong place (PITFALLS B13)', () => {
  it('should be refused: how to restart, for an execution', () => {
    expect(() => {
      checkOptions({ restart: 'always' }, EXECUTE_CHECKS as never);
    }).toThrow('option "restart" is \'always\': there is no such option here');
  });

  it('should be refused: what only a group knows, for a task', () => {
    for (const option of ['after', 'significant']) {
      expect(() => {
        checkOptions({ [option]: true }, ADOPT_CHECKS as never);
      }).toThrow(`option "${option}" is true: there is no such option here`);
    }
  });
});
