import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { InvalidOptionError } from '../../errors.js';
import { show } from '../../show.js';
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
    const path = makeFolder(dataDir);
    const lock = takeLock(path);
    try {
      prepare(path);
      return new DataFolder(path, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** It holds a database now. */
  filled(): void {
    if (!this.#lock) return;
    writeFileSync(fullOf(this.path), MARK);
    rmSync(halfOf(this.path), { force: true });
  }

  release(): void {
    // Nothing has been made.
    if (this.#lock && readdirSync(this.path).length === 0) {
      rmSync(halfOf(this.path), { force: true });
    }
    this.#lock?.release();
  }
}

/** However it's called, it has one lock. */
function makeFolder(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true });
    return realpathSync(dataDir);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new InvalidOptionError('dataDir', dataDir, `give the path of a folder (${why})`);
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

/**
 * A database that was about to be made when its process died holds nothing, and can't be opened: it's
 * deleted. So that this is done to nothing else, the mark that says so is of a name and with a text that
 * nobody else gives to a file, and one inside says that the database is whole.
 */
function prepare(path: string): void {
  if (!existsSync(fullOf(path)) && isMarked(halfOf(path))) {
    for (const name of readdirSync(path)) rmSync(`${path}/${name}`, { recursive: true });
  }
  const held = readdirSync(path);
  if (held.length === 0) writeFileSync(halfOf(path), MARK);
  else if (!held.includes('PG_VERSION')) {
    const wayOut = `it holds ${show(held[0])}, and no database: give a folder that is empty, or isn't there`;
    throw new InvalidOptionError('dataDir', path, wayOut);
  }
}

const halfOf = (path: string) => `${path}.rxvisor-half`;
const fullOf = (path: string) => `${path}/rxvisor`;

const MARK = 'A database of rxvisor.\n';

function isMarked(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') === MARK;
  } catch {
    return false;
  }
}
