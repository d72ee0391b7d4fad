import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LockFile } from '../../../src/broker/embedded/lock-file.js';
import { startOf } from '../../../src/broker/embedded/process-mark.js';

const folder = mkdtempSync(join(tmpdir(), 'rxvisor-lock-'));
let count = 0;
let path: string;

beforeEach(() => {
  path = join(folder, `lock-${count++}`);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The id of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['--version']).pid;
const leave = (holder: object) => {
  writeFileSync(path, JSON.stringify({ token: 'theirs', ...holder }));
};

describe('LockFile', () => {
  it('should be taken once, also by this process, until it is released', () => {
    const lock = LockFile.take(path);

    expect(() => LockFile.take(path)).toThrow(expect.objectContaining({ pid: process.pid }));

    lock.release();

    expect(existsSync(path)).toBe(false);

    LockFile.take(path).release();
  });

  it('should say who has it, and since when that process runs', () => {
    LockFile.take(path);

    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      pid: process.pid,
      start: startOf(process.pid),
    });
  });

  it('should be taken over from a dead process', () => {
    leave({ pid: deadPid(), start: 'once' });
    const lock = LockFile.take(path);

    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(existsSync(`${path}.clearing`)).toBe(false);

    lock.release();
  });

  it('should be taken over when its process id has come again', () => {
    leave({ pid: process.ppid, start: 'before' });

    LockFile.take(path).release();
  });

  it('should be left to a living process, however old it is, whether or not it is known since when that runs', () => {
    for (const start of [startOf(process.ppid), undefined]) {
      leave({ pid: process.ppid, start });
      utimesSync(path, 0, 0);

      expect(() => LockFile.take(path)).toThrow(expect.objectContaining({ pid: process.ppid }));
    }
  });

  it('should be taken over though somebody died at just that', () => {
    leave({ pid: deadPid() });
    writeFileSync(`${path}.clearing`, JSON.stringify({ pid: deadPid(), token: 'also theirs' }));

    LockFile.take(path).release();

    expect(existsSync(`${path}.clearing`)).toBe(false);
  });

  it.each(['', '{"pid":', 'null', '7', '{}'])(
    'should not be taken over from nobody knows whom: %j',
    (text) => {
      writeFileSync(path, text);

      expect(() => LockFile.take(path)).toThrow(expect.objectContaining({ pid: 0 }));
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  it('should not release what is another one’s by now', () => {
    const lock = LockFile.take(path);
    leave({ pid: process.ppid });
    lock.release();

    expect(existsSync(path)).toBe(true);
  });
});
