import { describe, expect, it } from '@jest/globals';
import { isWatched } from '../../../src/cli/watch/is-watched.js';

describe('isWatched', () => {
  it.each([
    ['a file of the project', 'file:///home/a/x.mjs', true],
    ['a file with a query', 'file:///home/a/x.ts?namespace=1', true],
    ['a dependency', 'file:///home/a/node_modules/b/x.mjs', false],
    ['a dependency of a dependency', 'file:///home/a/node_modules/b/node_modules/c/x.mjs', false],
    ['a folder that is only called alike', 'file:///home/a/my_node_modules/x.mjs', true],
    ['a file of this package', 'file:///home/rxvisor/dist/cli/main.js', false],
    ['what is beside this package', 'file:///home/rxvisor/demo/daemon.ts', true],
    ['a part of Node', 'node:fs', false],
    ['a module without a file', 'data:text/javascript,export{}', false],
  ])('should judge %s', (_, url, expected) => {
    expect(isWatched(url, 'file:///home/rxvisor/dist/')).toBe(expected);
  });
});
