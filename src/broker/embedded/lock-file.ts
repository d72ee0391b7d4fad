import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, startOf } from './process-mark.js';

/** Who has a lock. */
interface Holder {
  readonly pid: number;
  /** When that process began, if it can be known: process ids come again. */
  readonly start?: string | undefined;
  /** Tells one lock of a process from its next. */
  readonly token: string;
}

/** A lock is there, whose holder lives, or is not to be known (0). */
export class LockedError extends Error {
  readonly pid: number;

  constructor(pid: number) {
    super(`locked by process ${pid}`);
    this.pid = pid;
  }
}

/** A file that says which process has something. It's taken over from a dead process, never from a living one, however old it is. */
export class LockFile {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** @throws {@link LockedError} */
  static take(path: string): LockFile {
    for (;;) {
      const token = randomUUID();
      const mine: Holder = { pid: process.pid, start: startOf(process.pid), token };
      if (write(path, mine)) return new LockFile(path, token);
      const holder = read(path);
      if (holder) clear(path, holder);
    }
  }

  /** Lets go of it. Another one's is left. */
  release(): void {
    if (read(this.#path)?.token === this.#token) rmSync(this.#path, { force: true });
  }
}

/** Whether there was none. */
function write(path: string, holder: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
  const holder = parse(text);
  // Half of it, or nothing: its holder is about to write it, or has died at just that.
  if (!Number.isInteger(holder?.pid) || typeof holder?.token !== 'string') throw new LockedError(0);
  return holder as Holder;
}

function parse(text: string): Partial<Holder> | null {
  try {
    return JSON.parse(text) as Partial<Holder> | null;
  } catch {
    return null;
  }
}

/**
 * Takes a dead one's lock away. Of those who find it dead, one at a time: whoever came second would
 * otherwise take away the lock of the first.
 */
function clear(path: string, holder: Holder): void {
  if (lives(holder)) throw new LockedError(holder.pid);
  const guard = LockFile.take(`${path}.clearing`);
  try {
    if (read(path)?.token === holder.token) rmSync(path);
  } finally {
    guard.release();
  }
}

function lives({ pid, start }: Holder): boolean {
  if (!isAlive(pid)) return false;
  const now = startOf(pid);
  return start === undefined || now === undefined || start === now;
}
