import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SERVICE } from '../../../src/task/is-service.js';
import { loadExport } from '../../../src/thread/inside/load-module.js';

type Load = NonNullable<Parameters<typeof loadExport>[3]>;

const JS = 'file:///app/work.js';
const digest = () => 'digested';

const loadFrom = (load: Load, module = JS, name = 'digest') =>
  loadExport({ module, name }, 'web/poller', 7, load);
const modules = (known: Record<string, Record<string, unknown>>) =>
  jest.fn<Load>((specifier) => {
    const module = known[specifier];
    return module ? Promise.resolve(module) : Promise.reject(new Error(`no ${specifier}`));
  });
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it has loaded');
    },
    (error: unknown) => error,
  );

describe('loadExport', () => {
  it('should find a function, by its name', async () => {
    const load = modules({ [JS]: { digest, other: 1 } });

    await expect(loadFrom(load)).resolves.toBe(digest);
    expect(load.mock.calls).toEqual([[JS]]);
  });

  it('should find the default export', async () => {
    await expect(loadFrom(modules({ [JS]: { default: digest } }), JS, 'default')).resolves.toBe(
      digest,
    );
  });

  it('should look into what was compiled to CommonJS, of which Node sees but one export', async () => {
    const compiled = { __esModule: true, digest, default: digest };

    for (const name of ['digest', 'default']) {
      const load = modules({ [JS]: { default: compiled } });
      await expect(loadFrom(load, JS, name)).resolves.toBe(digest);
    }
    const plain = modules({ [JS]: { default: { digest } } });
    expect(await rejection(loadFrom(plain))).toMatchObject({ reason: 'no-export' });
  });

  it('should find a service’s class, and say what to export if there is none', async () => {
    class Poller {
      static readonly [SERVICE] = digest;
      run = digest;
    }
    const find = (exports: Record<string, unknown>) => {
      const wanted = { module: JS, name: 'Poller', isService: true } as const;
      return loadExport(wanted, 'poll', 7, modules({ [JS]: exports }));
    };

    expect((await find({ Poller }))({} as never)).toBe('digested');
    expect(await rejection(find({ Poller: digest }))).toMatchObject({
      reason: 'no-export',
      task: 'poll',
      cause: {
        message: `${JS} exports no service "Poller": export the class that service() has returned`,
      },
    });
  });

  it('should tell that a module does not load, and why', async () => {
    const cause = new SyntaxError('unexpected token');

    expect(await rejection(loadFrom(() => Promise.reject(cause)))).toMatchObject({
      name: 'WorkerCrashError',
      reason: 'load',
      task: 'web/poller',
      threadId: 7,
      cause,
    });
  });

  it('should tell that it does not, whatever it throws', async () => {
    for (const cause of [undefined, null, 'a string']) {
      const error = await rejection(loadFrom(() => Promise.reject(cause)));

      expect(error).toMatchObject({ reason: 'load' });
    }
  });

  it.each([
    ['there is none', {}, /work\.js has no function "digest".+no such export/],
    ['it’s undefined', { digest: undefined }, /no such export/],
    ['it’s something else', { digest: 42 }, /it is a number/],
    ['it’s an object', { digest: {} }, /it is a object/],
  ])('should tell that there is no function to run: %s', async (_what, module, message) => {
    const error = await rejection(loadFrom(modules({ [JS]: module })));

    expect(error).toMatchObject({ reason: 'no-export', task: 'web/poller', threadId: 7 });
    expect((error as Error).cause).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(message),
    });
  });

  describe('a module in TypeScript', () => {
    const features = process.features as { typescript?: unknown };
    const { typescript } = features;
    const given = (value: unknown) => {
      Object.defineProperty(process.features, 'typescript', {
        value,
        configurable: true,
        writable: true,
        enumerable: true,
      });
    };

    afterEach(() => {
      given(typescript);
    });

    it('should be loaded by Node where that can', async () => {
      given('strip');
      const module = 'file:///app/work.ts';
      const load = modules({ [module]: { digest } });

      await expect(loadFrom(load, module)).resolves.toBe(digest);
      expect(load.mock.calls).toEqual([[module]]);
    });

    it.each(['work.ts', 'work.mts', 'work.cts', 'work.ts?v=2#there'])(
      'should be loaded by tsx elsewhere: %s',
      async (file) => {
        given(undefined);
        const module = `file:///app/${file}`;
        const register = jest.fn();
        const tsx = { 'tsx/esm/api': { register }, 'tsx/cjs/api': { register } };
        const load = modules({ [module]: { digest }, ...tsx });

        await expect(loadFrom(load, module)).resolves.toBe(digest);
        expect(load.mock.calls).toEqual([['tsx/esm/api'], ['tsx/cjs/api'], [module]]);
        expect(register).toHaveBeenCalledTimes(2);

        await expect(loadFrom(load, module)).resolves.toBe(digest);
        expect(register).toHaveBeenCalledTimes(2);
      },
    );

    it('should be loaded by tsx, if that is there, when it is a service’s: Node parses no decorators', async () => {
      given('strip');
      class Poller {
        static readonly [SERVICE] = digest;
        run = digest;
      }
      const module = 'file:///app/poller.ts';
      const wanted = { module, name: 'Poller', isService: true } as const;
      const register = jest.fn();
      const tsx = { 'tsx/esm/api': { register }, 'tsx/cjs/api': { register } };

      for (const installed of [tsx, {}]) {
        const load = modules({ [module]: { Poller }, ...installed });
        expect((await loadExport(wanted, 'poll', 7, load))({} as never)).toBe('digested');
        expect(load).toHaveBeenCalledTimes(3);
      }
      expect(register).toHaveBeenCalledTimes(2);
    });

    it('should say how to install what is missing', async () => {
      given(undefined);

      expect(await rejection(loadFrom(modules({}), 'file:///app/work.ts'))).toMatchObject({
        reason: 'load',
        cause: {
          name: 'MissingPackageError',
          code: 'ERR_RXVISOR_MISSING_PACKAGE',
          message: expect.stringMatching(/tsx.+22\.18/),
        },
      });
    });

    it('should not be seen in what only looks like it', async () => {
      given(undefined);
      const module = 'file:///app/work.ts.js';
      const load = modules({ [module]: { digest } });

      await expect(loadFrom(load, module)).resolves.toBe(digest);
    });
  });
});
