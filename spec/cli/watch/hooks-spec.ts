import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { initialize, resolve } from '../../../src/cli/watch/hooks.js';
import { versionOf } from '../../../src/cli/watch/version-of.js';

let folder = '';
let fd = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxvisor-hooks-'));
  fd = openSync(join(folder, 'said'), 'w');
  void initialize({ fd, own: pathToFileURL(join(folder, 'own/')).href });
});

afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const urlOf = (name: string) => pathToFileURL(at(name)).href;
const said = () =>
  readFileSync(at('said'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { loaded: string; version: string });

/** Resolves a specifier as Node would: to this URL, or not at all. */
const resolving = (url: string, error?: unknown) =>
  resolve('./any.js', {} as never, async () => {
    if (error !== undefined) throw error;
    return { url, format: 'module' };
  });

describe('the hooks of a watched daemon', () => {
  it('should tell which file is imported, and its state, and change nothing of what is resolved', async () => {
    writeFileSync(at('a.mjs'), 'export {}');

    expect(await resolving(urlOf('a.mjs'))).toEqual({ url: urlOf('a.mjs'), format: 'module' });
    expect(said()).toEqual([{ loaded: at('a.mjs'), version: versionOf(at('a.mjs')) }]);
  });

  it('should tell of a file once, and of its path without a query', async () => {
    await resolving(`${urlOf('b.mjs')}?namespace=1`);
    await resolving(`${urlOf('b.mjs')}?namespace=1`);

    expect(said()).toEqual([{ loaded: at('b.mjs'), version: 'none' }]);
  });

  it('should not tell of dependencies, of this package, and of what is no file', async () => {
    for (const url of [urlOf('node_modules/x.js'), urlOf('own/x.js'), 'node:fs', 'data:,x']) {
      await resolving(url);
    }

    expect(said()).toEqual([]);
  });

  it('should tell what is looked for in vain, in all its guises, and fail as it failed', async () => {
    const error = Object.assign(new Error('Cannot find module'), { url: urlOf('c.js') });
    await expect(resolving('', error)).rejects.toBe(error);
    const names = said().map(({ loaded }) => loaded);
    for (const name of ['c.js', 'c.ts', 'c.mts', 'c.json']) expect(names).toContain(at(name));
    expect(new Set(names).size).toBe(names.length);
    expect(said().every(({ version }) => version === 'none')).toBe(true);
  });

  it.each([undefined, null, 'text', new Error('without a URL'), { url: 5 }])(
    'should fail as it failed, when it is not said what was looked for: %p',
    async (error) => {
      const failing = resolve('./any.js', {} as never, () => Promise.reject(error));
      await expect(failing).rejects.toBe(error);
      expect(said()).toEqual([]);
    },
  );
});
