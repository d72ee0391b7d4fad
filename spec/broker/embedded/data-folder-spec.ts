import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidOptionError } from '../../../src/errors.js';
import { DataFolder } from '../../../src/broker/embedded/data-folder.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'rxvisor-folder-')));
let count = 0;
let path: string;

beforeEach(() => {
  path = join(root, `${count++}`, 'jobs');
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('DataFolder', () => {
  it('should be made, with all that leads to it, and have its lock beside it', () => {
    const folder = DataFolder.take(path);

    expect(folder.path).toBe(path);
    expect(existsSync(`${path}.lock`)).toBe(true);
    expect(readdirSync(path)).toEqual([]);

    folder.filled();
    folder.release();

    expect(readdirSync(join(path, '..'))).toEqual(['jobs']);
  });

  it('should be refused by name while it is taken, however it is called', () => {
    const folder = DataFolder.take(path);
    const other = join(path, '../other');
    symlinkSync(path, other);

    for (const name of [path, other, join(path, '../x/../jobs')]) {
      expect(() => DataFolder.take(name)).toThrow(
        `option "dataDir" is '${path}': this process (${process.pid}) has it open already`,
      );
    }
    folder.release();
    DataFolder.take(other).release();
  });

  it('should say what is to be deleted when it is not known who has it', () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(`${path}.lock`, '');

    expect(() => DataFolder.take(path)).toThrow(`its lock "${path}.lock" can't be read`);
  });

  it('should forget what was half made when its process died, and nothing else', () => {
    const dying = DataFolder.take(path);
    writeFileSync(join(path, 'PG_VERSION'), '18');
    mkdirSync(join(path, 'base'));
    dying.release();
    const again = DataFolder.take(path);

    expect(readdirSync(path)).toEqual([]);

    writeFileSync(join(path, 'PG_VERSION'), '18');
    again.filled();
    again.release();
    DataFolder.take(path).release();

    expect(readdirSync(path)).toEqual(['PG_VERSION', 'rxvisor']);
  });

  it('should delete nothing of a whole one, though its process died before it could say all of that', () => {
    const folder = DataFolder.take(path);
    writeFileSync(join(path, 'PG_VERSION'), '18');
    const half = readFileSync(`${path}.rxvisor-half`);
    folder.filled();
    folder.release();
    writeFileSync(`${path}.rxvisor-half`, half);
    const again = DataFolder.take(path);

    expect(readdirSync(path)).toEqual(['PG_VERSION', 'rxvisor']);
    again.release();
  });

  it('should delete nothing for the sake of what somebody else has beside it', () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'PG_VERSION'), '18');
    for (const name of ['new', 'old', 'half']) mkdirSync(`${path}.${name}`);
    writeFileSync(`${path}.rxvisor-half`, '');
    DataFolder.take(path).release();

    expect(readdirSync(path)).toEqual(['PG_VERSION']);
  });

  it('should be refused if it holds what is no database, and let go of it', () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'mine.txt'), '');
    const refusal = `option "dataDir" is '${path}': it holds 'mine.txt', and no database`;

    expect(() => DataFolder.take(path)).toThrow(refusal);
    expect(() => DataFolder.take(path)).toThrow(refusal);
    expect(readdirSync(path)).toEqual(['mine.txt']);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('should leave nothing behind of a database that could not be made', () => {
    DataFolder.take(path).release();

    expect(readdirSync(join(path, '..'))).toEqual(['jobs']);
    writeFileSync(join(path, 'mine.txt'), '');
    expect(() => DataFolder.take(path)).toThrow("it holds 'mine.txt'");
  });

  it('should be refused if it is a file', () => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');

    expect(() => DataFolder.take(path)).toThrow(InvalidOptionError);
    expect(() => DataFolder.take(path)).toThrow('give the path of a folder (EEXIST');
  });

  it('should be nowhere for a database that keeps nothing', () => {
    const folder = DataFolder.take('memory://');
    DataFolder.take('memory://').release();
    folder.filled();
    folder.release();

    expect(folder.path).toBe('memory://');
    expect(existsSync('memory:')).toBe(false);
  });
});
