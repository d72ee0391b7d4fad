import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { LogFile } from '../../../src/cli/log/log-file.js';

let folder: string;
let path: string;
let warnings: string[];
const opened: LogFile[] = [];

const open = (at = path): LogFile => {
  const file = new LogFile(at, (text) => warnings.push(text));
  opened.push(file);
  return file;
};
const read = (at = path) => readFileSync(at, 'utf8');
/** How many files this process has open. */
const countOpen = () => readdirSync('/proc/self/fd').length;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxvisor-log-file-'));
  path = join(folder, 'x.log');
  warnings = [];
});
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('LogFile', () => {
  it('should write each line at once, and append to what is there', () => {
    writeFileSync(path, 'old\n');
    const file = open();
    file.write('new');

    expect(read()).toBe('old\nnew\n');
    expect(file.isFile).toBe(true);
  });

  it('should write to a new file when the old one was moved', () => {
    const file = open();
    file.write('one');
    renameSync(path, `${path}.1`);
    file.write('two');

    expect([read(`${path}.1`), read()]).toEqual(['one\n', 'two\n']);
  });

  it('should write to whatever is at its path by now', () => {
    const file = open();
    file.write('one');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'fresh\n');
    file.write('two');

    expect([read(`${path}.1`), read()]).toEqual(['one\n', 'fresh\ntwo\n']);
  });

  it('should go on in a file that was cut', () => {
    const file = open();
    file.write('one');
    writeFileSync(path, '');
    file.write('two');

    expect(read()).toBe('two\n');
  });

  it('should make the file when it is opened anew, and leave no other open', () => {
    const file = open();
    const before = countOpen();
    for (let times = 0; times < 10; times++) {
      rmSync(path);
      file.reopen();

      expect(existsSync(path)).toBe(true);
    }
    expect(countOpen()).toBe(before);
  });

  it('should be refused where there is no folder, and where it is one', () => {
    const none = join(folder, 'none', 'x.log');

    expect(() => open(none)).toThrow(UsageError);
    expect(() => open(none)).toThrow(/^option --log-target can't be opened: Error: ENOENT/);
    expect(() => open(folder)).toThrow(/^option --log-target can't be opened: Error: EISDIR/);
  });

  it('should go on with the old file as long as no new one can be made, warning once', () => {
    mkdirSync(join(folder, 'sub'));
    const file = open(join(folder, 'sub', 'x.log'));
    renameSync(join(folder, 'sub'), join(folder, 'gone'));
    file.write('lost');
    file.reopen();
    file.write('lost');
    mkdirSync(join(folder, 'sub'));
    file.write('there again');

    expect(warnings).toEqual([expect.stringMatching(/^lines of the log are lost: Error: ENOENT/)]);
    expect(read(join(folder, 'sub', 'x.log'))).toBe('there again\n');
    renameSync(join(folder, 'sub'), join(folder, 'gone again'));
    file.write('lost');

    expect(warnings).toHaveLength(2);
  });

  it('should not throw when the disk is full', () => {
    const file = open('/dev/full');
    file.write('lost');
    file.write('lost');

    expect(warnings).toEqual([expect.stringMatching(/^lines of the log are lost: Error: ENOSPC/)]);
  });
});
