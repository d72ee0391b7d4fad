import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { isObservable } from 'rxjs';
import { InvalidOptionError } from '../../src/errors.js';
import { type ThreadedPayload, THREADED, isThreaded } from '../../src/task/threaded-payload.js';
import { type ThreadedOptions, threaded } from '../../src/task/threaded.js';

type Work = Readonly<Record<string, (...args: unknown[]) => ThreadedPayload>>;

const HREF = 'file:///app/my.work.js';
const build = (module: unknown = HREF, options?: unknown): Work =>
  threaded(module as string, options as ThreadedOptions);

describe('threaded', () => {
  it('should build a payload of what its export is called with', () => {
    const bytes = new Uint8Array(1);

    const payload = build(HREF, { window: 16, overflow: 'drop-newest' }).digest!('a.log', bytes);

    expect(isThreaded(payload)).toBe(true);
    expect(payload).toMatchObject({
      module: HREF,
      export: 'digest',
      name: 'digest',
      args: ['a.log', bytes],
      window: 16,
      overflow: 'drop-newest',
    });
    expect(payload.args[1]).toBe(bytes);
  });

  it('should allow a window of 1,024, and fail what overflows, unless told', () => {
    for (const options of [undefined, {}, { window: undefined, overflow: undefined }]) {
      expect(build(HREF, options).digest!()).toMatchObject({ window: 1_024, overflow: 'error' });
    }
  });

  it('should build another payload with each call', () => {
    const work = build();

    const [one, two] = [work.digest!('a'), work.digest!('b')];

    expect(one.args).toEqual(['a']);
    expect(two.args).toEqual(['b']);
  });

  it('should build payloads that have their target in common, export by export', () => {
    const { digest, tail } = build();
    const { target } = digest!('a');

    expect(digest!('b').target).toBe(target);
    expect(tail!().target).not.toBe(target);
  });

  it('should build payloads that nobody can change', () => {
    const payload = build().digest!('a');

    expect(Object.isFrozen(payload)).toBe(true);
    expect(() => Object.assign(payload, { window: 1 })).toThrow(TypeError);
  });

  it('should build payloads by a function that stands alone', () => {
    const { digest } = build();

    expect([1, 2].map((n) => digest!(n).args[0])).toEqual([1, 2]);
  });

  it('should know a payload of the default export by the name of its file', () => {
    const names = [
      'file:///app/my.work.js',
      'file:///app/my%20work',
      '/app/work.ts',
      'data:,a',
    ].map((module) => build(module).default!().name);

    expect(names).toEqual(['my.work', 'my work', 'work', 'task']);
    expect(build().default!().export).toBe('default');
  });

  it('should take exports of any name, also those that objects have', () => {
    const work = build();

    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'a b', '']) {
      expect(work[name]!()).toMatchObject({ export: name });
    }
  });

  it('should not load its module', () => {
    expect(build('file:///nowhere/at/all.js').digest!().module).toBe('file:///nowhere/at/all.js');
  });

  describe('the builders', () => {
    it('should be made once each', () => {
      const work = build();

      expect(work.digest).toBe(work.digest);
      expect(work.digest).not.toBe(work.tail);
      expect(build().digest).not.toBe(work.digest);
    });

    it('should be named, and told from payloads', () => {
      const { digest } = build();

      expect(digest!.name).toBe('digest');
      expect(isThreaded(digest)).toBe(false);
      expect(Object.isFrozen(digest)).toBe(true);
    });

    it('should be for reading only', () => {
      const work = build();
      const { digest } = work;

      expect(() => Object.assign(work, { digest: () => 1 })).toThrow(TypeError);
      expect(() => Object.defineProperty(work, 'tail', { value: 1 })).toThrow(TypeError);
      expect(work.digest).toBe(digest);
    });
  });

  describe('the object of builders', () => {
    it('should be no promise', async () => {
      const work = build();

      expect(await (work as unknown)).toBe(work);
    });

    it('should be no Observable, and no payload', () => {
      const work = build();

      expect(isThreaded(work)).toBe(false);
      expect(work[THREADED as never]).toBe('module');
      expect(work['@@observable']).toBeUndefined();
      // Two functions are all that RxJS looks for, so the brand has to be looked at first.
      expect(isObservable(work)).toBe(true);
    });

    it('should be shown and turned into JSON as anything else', () => {
      const work = build();
      void work.digest;

      expect(inspect(work)).toBe('[Object: null prototype] { digest: [Function: digest] }');
      expect(inspect(work, { showProxy: true })).toMatch(/^Proxy/);
      expect(JSON.stringify({ work })).toBe('{"work":{}}');
    });

    it('should have nothing under a symbol', () => {
      const work = build() as unknown as Record<symbol, unknown>;

      for (const name of [Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol('a')]) {
        expect(work[name]).toBeUndefined();
      }
    });
  });

  describe('its module', () => {
    it.each([
      ['a URL', new URL(HREF), HREF],
      ['a URL of another realm', runInNewContext('({ href })', { href: HREF }) as unknown, HREF],
      ['the text of a URL', HREF, HREF],
      ['a URL with a query', `${HREF}?a#b`, `${HREF}?a#b`],
      ['a data URL', 'data:text/javascript,export{}', 'data:text/javascript,export{}'],
      ['an absolute path', '/app/my work.js', 'file:///app/my%20work.js'],
      ['a path that is not tidy', '/app/../app/%/a#b.js', 'file:///app/%25/a%23b.js'],
    ])('should be given as %s', (_title, module, href) => {
      expect(build(module).digest!().module).toBe(href);
    });

    it.each([
      ['a relative path', './work.js'],
      ['the name of a package', 'work'],
      ['a module of Node', 'node:crypto'],
      ['a URL of the web', new URL('https://example.org/work.js')],
      ['a URL of a file without a path', 'file:///a%2Fb.js'],
      ['a URL that is not well encoded', 'file:///a%zz.js'],
      ['an empty string', ''],
      ['a promise of the module', Promise.resolve({})],
      ['a function', () => 1],
      ['nothing', null],
      ['an object', {}],
    ])('should not be %s', (_title, module) => {
      const building = () => build(module);

      expect(building).toThrow(InvalidOptionError);
      expect(building).toThrow(expect.objectContaining({ option: 'module', value: module }));
      expect(building).toThrow("new URL('./work.js', import.meta.url)");
    });

    it('should not be left out', () => {
      expect(() => threaded(undefined as never)).toThrow(
        expect.objectContaining({ option: 'module', value: undefined }),
      );
    });
  });

  describe('its options', () => {
    it.each([1, 2, 256, Number.MAX_SAFE_INTEGER])('should take a window of %p', (window) => {
      expect(build(HREF, { window }).digest!().window).toBe(window);
    });

    it.each([
      ['window', 0],
      ['window', -1],
      ['window', 1.5],
      ['window', NaN],
      ['window', Infinity],
      ['window', '16'],
      ['window', null],
      ['overflow', 'wait'],
      ['overflow', true],
      ['size', 2],
    ])('should refuse %s %p', (option, value) => {
      const building = () => build(HREF, { [option]: value });

      expect(building).toThrow(InvalidOptionError);
      expect(building).toThrow(expect.objectContaining({ option, value }));
    });

    it('should be an object', () => {
      expect(() => build(HREF, 16)).toThrow(expect.objectContaining({ option: 'options' }));
    });

    it('should leave room for one value that stays when the oldest is dropped', () => {
      expect(() => build(HREF, { window: 1, overflow: 'drop-oldest' })).toThrow(
        `option "window" is 1: give 2 or more with overflow 'drop-oldest'`,
      );
      expect(build(HREF, { window: 2, overflow: 'drop-oldest' }).digest!().window).toBe(2);
      expect(build(HREF, { window: 1, overflow: 'drop-newest' }).digest!().window).toBe(1);
    });
  });
});
