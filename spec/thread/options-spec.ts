import { availableParallelism } from 'node:os';
import { SHARE_ENV } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { checkOptions } from '../../src/task/check.js';
import { THREAD_CHECKS, type ThreadOptions, toSettings } from '../../src/thread/options.js';

describe('the options of a pool of threads', () => {
  it('should be filled up with what is documented', () => {
    expect(toSettings({})).toEqual({
      size: availableParallelism(),
      overlap: 1,
      idleTimeout: 30_000,
      maxQueue: Infinity,
      maxRuns: Infinity,
      startTimeout: 10_000,
    });
  });

  it('should be kept as they are given', () => {
    const given = {
      size: 3,
      overlap: 2,
      idleTimeout: 0,
      maxQueue: 0,
      maxRuns: 1,
      startTimeout: 5,
      resourceLimits: { maxOldGenerationSizeMb: 64 },
      env: { MODE: 'test' },
      execArgv: ['--no-warnings'],
    };

    expect(toSettings(given)).toEqual(given);
  });

  it.each<[keyof ThreadOptions, unknown[]]>([
    ['size', [1, 64]],
    ['overlap', [1, 8]],
    ['idleTimeout', [0, 1.5, 60_000]],
    ['maxQueue', [0, 7, Infinity]],
    ['maxRuns', [1, Infinity]],
    ['startTimeout', [0, 60_000]],
    ['resourceLimits', [{}, { stackSizeMb: 4 }]],
    ['env', [{}, { A: 'b' }, SHARE_ENV]],
    ['execArgv', [[], ['--no-warnings']]],
  ])('should take as %s what makes sense', (name, values) => {
    for (const value of values) {
      expect(() => {
        checkOptions({ [name]: value }, THREAD_CHECKS);
      }).not.toThrow();
    }
  });

  it.each<[keyof ThreadOptions, unknown[]]>([
    ['size', [0, -1, 1.5, NaN, Infinity, '2', null]],
    ['overlap', [0, -1, 1.5, NaN, Infinity, '2', null]],
    ['idleTimeout', [-1, NaN, '5', null]],
    ['maxQueue', [-1, 1.5, NaN, '5', null]],
    ['maxRuns', [0, -1, 1.5, NaN, '5', null]],
    ['startTimeout', [-1, NaN, '5', null]],
    ['resourceLimits', [null, 64, [], 'much']],
    ['env', [null, 'A=b', ['A=b']]],
    ['execArgv', [null, '--no-warnings', {}]],
  ])('should refuse as %s what makes none, by its name', (name, values) => {
    for (const value of values) {
      expect(() => {
        checkOptions({ [name]: value }, THREAD_CHECKS);
      }).toThrow(new RegExp(`"${name}"`));
    }
  });

  it('should refuse what is none of them', () => {
    expect(() => {
      checkOptions({ sise: 1 } as ThreadOptions, THREAD_CHECKS);
    }).toThrow(/"sise"/);
  });
});
