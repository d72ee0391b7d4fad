import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
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
  let now = 0;

  beforeEach(() => {
    // Long after whatever was captured before.
    now += 1_000_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    for (let n = 0; n < 20; n++) buildsHere();
    now += 1_000_000;
  });

  afterEach(() => {
    jest.restoreAllMocks();
    Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  });

  it('should begin with who has built the payload, and who called that', () => {
    const stack = nest(2).callerStack;

    expect(stack).toMatch(/^ {4}at buildsHere \(.*threaded-payload-spec\.ts/);
    expect(callers(stack).slice(0, 4)).toEqual(['buildsHere', 'nest', 'nest', 'nest']);
    expect(stack).not.toMatch(/src\/task\//);
  });

  it('should be as long as those of errors, and none where they have none', () => {
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

  it.each([7, undefined, null, ['a\nb']])(
    'should be text, also where stacks are %p',
    (rendered) => {
      const payload = buildsHere();
      Error.prepareStackTrace = () => rendered;

      expect(typeof payload.callerStack).toBe('string');
    },
  );

  it('should be captured of the first calls of a flood only, since it costs more than the call', () => {
    const flood = Array.from({ length: 1_000 }, buildsHere).map((payload) => payload.callerStack);
    const captured = flood.filter((stack) => stack !== '').length;

    expect(flood[0]).toMatch(/buildsHere/);
    expect(captured).toBeGreaterThan(0);
    expect(captured).toBeLessThan(50);
    expect(flood.slice(captured)).toEqual(Array<string>(1_000 - captured).fill(''));
  });

  it('should be captured of every call when they come now and then', () => {
    const stacks = Array.from({ length: 100 }, () => {
      now += 1_000;
      return buildsHere().callerStack;
    });

    expect(stacks).not.toContain('');
  });

  it('should not be one of the fields that are compared', () => {
    expect(work.digest('a')).toEqual(nest(3));
  });
});
