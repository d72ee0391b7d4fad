import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTsx, isTypeScript } from '../../../src/cli/module/typescript.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-tsx-')));
const tsx = join(folder, 'app', 'node_modules', 'tsx');

beforeAll(() => {
  mkdirSync(tsx, { recursive: true });
  mkdirSync(join(folder, 'app', 'src'));
  writeFileSync(join(tsx, 'package.json'), '{ "name": "tsx" }');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('findTsx', () => {
  it('should find it from the first folder that sees it', () => {
    const src = join(folder, 'app', 'src');

    expect(findTsx([src])).toBe(tsx);
    expect(findTsx([folder, src, import.meta.dirname])).toBe(tsx);
    expect(findTsx([import.meta.dirname, src])).not.toBe(tsx);
  });

  it('should find none where there is none', () => {
    expect(findTsx([folder])).toBeUndefined();
    expect(findTsx([])).toBeUndefined();
  });
});

describe('isTypeScript', () => {
  it('should go by the extension', () => {
    const files = ['a.ts', 'a.mts', 'a.cts', 'a.js', 'a.mjs', 'a.ts.js', 'ts', 'a.tsx'];

    expect(files.filter(isTypeScript)).toEqual(['a.ts', 'a.mts', 'a.cts']);
  });
});
