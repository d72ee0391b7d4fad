import { describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { toPath } from '../../src/runner/path.js';
import { threaded } from '../../src/task/threaded.js';
import type { AnyPayload } from '../../src/task/shapes.js';

const work = threaded<{ digest: () => number; default: () => number }>(
  new URL('file:///app/my.work.js'),
);

describe('toPath', () => {
  it.each<readonly [string, string | AnyPayload, string]>([
    ['a given name', 'given', 'given'],
    ['the name of a function', function poll() {}, 'poll'],
    ['no name of a function', () => 1, 'task'],
    ['an Observable', NEVER, 'task'],
    ['the export of a threaded payload', work.digest(), 'digest'],
    ['the default export of a threaded payload', work.default(), 'my.work'],
  ])('should be made of %s', (_title, from, path) => {
    expect(toPath(undefined, from)).toBe(path);
  });

  it('should not be made of what else has a name', () => {
    expect(toPath(undefined, Object.assign(NEVER.pipe(), { name: 'adopted' }))).toBe('task');
  });
});
