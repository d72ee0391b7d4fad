import { afterEach, describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { isThreaded } from '../../src/task/threaded-payload.js';
import { threaded } from '../../src/task/threaded.js';

const work = threaded<{ digest: (...all: unknown[]) => string }>('file:///app/work.js');

/** Whoever builds a payload here is named by the first line of its stack. */
function buildsHere(): { readonly callerStack: string } {
  return work.digest('a');
}

const callers = (stack: string) => stack.split('\n').map((line) => /^ +at (\S+) /.exec(line)?.[1]);

const nest = (depth: number): { readonly callerStack: string } =>
  depth === 0 ? buildsHere() : nest(depth - 1);

describe('isThreaded', () => {
  it('should tell a threaded payload', () => {
    expect(isThreaded(work.digest())).toBe(true);
  });

  it('should tell one of another copy of the package', () => {
    expect(isThreaded({ [Symbol.for('rxvisor.threaded')]: true })).toBe(true);
  });

  it.each([
    ['its builder', work.digest],
    ['the builders', work],
    ['an Observable', NEVER],
    ['a function', () => 1],
    [
      'a function with the brand',
      Object.assign(() => 1, { [Symbol.for('rxvisor.threaded')]: true }),
    ],
    ['undefined', undefined],
    ['null', null],
    ['a string', 'a'],
  ])('should tell %s from one', (_title, value) => {
    expect(isThreaded(value)).toBe(false);
  });
});

describe('callerStack', () => {
  const { stackTraceLimit, prepareStackTrace } = Error;

  afterEach(() => {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  });

  it('should begin with who has built the payload', () => {
    const stack = buildsHere().callerStack;

    expect(stack).toMatch(/^ {4}at buildsHere \(.*threaded-payload-spec\.ts/);
    expect(stack).not.toMatch(/src\/task\//);
  });

  it('should be of the four nearest callers', () => {
    expect(callers(nest(9).callerStack)).toEqual(['buildsHere', 'nest', 'nest', 'nest']);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it('should be of fewer where errors have fewer, and of none where they have none', () => {
    Error.stackTraceLimit = 2;
    expect(callers(nest(9).callerStack)).toEqual(['buildsHere', 'nest']);
    expect(Error.stackTraceLimit).toBe(2);

    for (const none of [0, undefined]) {
      Object.assign(Error, { stackTraceLimit: none });
      expect(nest(9).callerStack).toBe('');
    }
  });

  it('should be rendered when it is first read, and stay the same', () => {
    let rendered = 0;
    const payload = buildsHere();
    Error.prepareStackTrace = (_error, sites) => {
      rendered++;
      return `head\n    at ${sites[0]!.getFunctionName()!}`;
    };

    expect(rendered).toBe(0);
    expect(payload.callerStack).toBe('    at buildsHere');
    expect(payload.callerStack).toBe('    at buildsHere');
    expect(rendered).toBe(1);
  });

  it('should be text, whatever renders stacks here', () => {
    const payload = buildsHere();
    Error.prepareStackTrace = (_error, sites) => sites;

    expect(typeof payload.callerStack).toBe('string');
  });

  it('should not be one of the fields that are shown and compared', () => {
    expect(Object.keys(work.digest())).not.toContain('callerStack');
    expect(work.digest('a')).toEqual(nest(3));
  });
});
