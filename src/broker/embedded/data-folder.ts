import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { InvalidOptionError } from '../../errors.js';
import { LockFile, LockedError } from './lock-file.js';

/** The folder of a database, which this process has to itself: the lock is beside it, `<folder>.lock`. */
export class DataFolder {
  /** As PGlite takes it. */
  readonly path: string;
  readonly #lock: LockFile | undefined;

  private constructor(path: string, lock?: LockFile) {
    this.path = path;
    this.#lock = lock;
  }

  /** @throws {@link InvalidOptionError} that names who has it */
  static take(dataDir: string): DataFolder {
    if (dataDir.startsWith('memory://')) return new DataFolder(dataDir);
    mkdirSync(dataDir, { recursive: true });
    // However it's called, it has one lock.
    const path = realpathSync(dataDir);
    const lock = takeLock(path);
    forgetHalf(path);
    return new DataFolder(path, lock);
  }

  /** It holds a database now. */
  filled(): void {
    if (this.#lock) rmSync(markOf(this.path), { force: true });
  }

  release(): void {
    this.#lock?.release();
  }
}

function takeLock(path: string): LockFile {
  try {
    return LockFile.take(`${path}.lock`);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new InvalidOptionError('dataDir', path, whyNot(path, error.pid));
  }
}

function whyNot(path: string, pid: number): string {
  const others = 'give a connectionString of a PostgreSQL, which any number of processes share';
  if (pid === process.pid) {
    return `this process (${pid}) has it open already: use that backend, give another folder, or ${others}`;
  }
  if (pid !== 0) {
    return `process ${pid} has it open, and only one may: end that one, give another folder, or ${others}`;
  }
  return `its lock "${path}.lock" can't be read: if no process has the folder open, delete that; or ${others}`;
}

/** A database that was about to be made when its process died holds nothing, and can't be opened. */
function forgetHalf(path: string): void {
  const mark = markOf(path);
  if (existsSync(mark)) {
    for (const name of readdirSync(path)) rmSync(`${path}/${name}`, { recursive: true });
  }
  if (readdirSync(path).length === 0) writeFileSync(mark, '');
}

const markOf = (path: string) => `${path}.new`;
