import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { findModule, showPath } from '../../../src/cli/module/find-module.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-find-')));

beforeAll(() => {
  mkdirSync(join(folder, 'web'));
  for (const file of ['poller.mjs', 'a b.ts', 'web/index.js', 'data.json']) {
    writeFileSync(join(folder, file), '');
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('findModule', () => {
  it('should find a file, and name its tasks after it', () => {
    const path = join(folder, 'a b.ts');

    expect(findModule(path)).toEqual({
      path,
      url: pathToFileURL(path).href,
      shown: path,
      name: 'a b',
    });
  });

  it('should name the tasks of an index after its folder', () => {
    expect(findModule(join(folder, 'web', 'index.js')).name).toBe('web');
  });

  it.each([
    ['none.mjs', 'there is no such file'],
    ['poller', `there is no such file, but ${join(folder, 'poller.mjs')} is there`],
    ['poller.ts', `there is no such file, but ${join(folder, 'poller.mjs')} is there`],
    ['none/none.mjs', 'there is no such file'],
    ['web', "it's a directory: name a module in it"],
    ['data.json', "it's no module: name one of .js, .mjs, .cjs, .ts, .mts, .cts"],
  ])('should refuse %s', (file, message) => {
    const path = join(folder, file);

    expect(() => findModule(path)).toThrow(new UsageError(`${path}: ${message}`));
  });
});

describe('a link that leads nowhere', () => {
  it('should be refused, and not be taken for its own neighbour', () => {
    const path = join(folder, 'lost.mjs');
    symlinkSync(join(folder, 'nowhere.mjs'), path);

    expect(() => findModule(path)).toThrow(new UsageError(`${path}: there is no such file`));
  });
});

describe('a file that cannot be looked at', () => {
  it('should be refused, too', () => {
    const path = join(folder, 'circle.mjs');
    symlinkSync(path, path);

    expect(() => findModule(path)).toThrow(UsageError);
    expect(() => findModule(path)).toThrow(/circle\.mjs: it can't be read: Error: ELOOP/);
  });
});

describe('showPath', () => {
  it('should show what is in the working directory as seen from there, and what is elsewhere as it is', () => {
    expect(showPath(join(process.cwd(), 'src', 'x.ts'))).toBe(join('src', 'x.ts'));
    expect(showPath(join(process.cwd(), '..x.ts'))).toBe('..x.ts');
    expect(showPath('/x.ts')).toBe('/x.ts');
    expect(showPath(join(process.cwd(), '..', 'x.ts'))).toBe(join(process.cwd(), '..', 'x.ts'));
    expect(showPath(process.cwd())).toBe(process.cwd());
  });

  it('should show in one line what a file may be called', () => {
    expect(showPath('/a\n\u001b[2Jb.js')).toBe('/a \ufffd[2Jb.js');
  });
});
