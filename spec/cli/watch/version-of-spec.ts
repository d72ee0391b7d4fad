import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { versionOf } from '../../../src/cli/watch/version-of.js';

describe('versionOf', () => {
  let folder = '';
  let file = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxvisor-version-'));
    file = join(folder, 'file');
    writeFileSync(file, '1');
    utimesSync(file, 1_000, 1_000);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('should be the same as long as nothing happens', () => {
    expect(versionOf(file)).toBe(versionOf(file));
  });

  it.each<[string, () => void]>([
    ['was written to', () => writeFileSync(file, '2')],
    [
      'has another size',
      () => {
        writeFileSync(file, '12');
        utimesSync(file, 1_000, 1_000);
      },
    ],
    ['was touched', () => utimesSync(file, 1_000, 2_000)],
    [
      'was replaced by one of the same size and age',
      () => {
        writeFileSync(join(folder, 'other'), '2');
        utimesSync(join(folder, 'other'), 1_000, 1_000);
        renameSync(join(folder, 'other'), file);
      },
    ],
    ['was removed', () => rmSync(file)],
  ])('should be another when the file %s', (_, change) => {
    const before = versionOf(file);
    change();

    expect(versionOf(file)).not.toBe(before);
  });

  it('should be "none" where there is no file, and where there can be none', () => {
    expect(versionOf(join(folder, 'nothing'))).toBe('none');
    expect(versionOf(join(file, 'below'))).toBe('none');
  });
});
