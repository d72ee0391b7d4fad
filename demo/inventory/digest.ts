import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { TaskContext } from 'rxvisor';

/** What is to be known of a file. */
export interface Digest {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Two paths with the same one are two names of one file. */
  readonly inode: string;
}

const chunk = Buffer.allocUnsafe(1024 * 1024);

/**
 * Reads a file to its end, or until it's asked to stop. On a thread that has nothing else to do it may
 * block, which for small files costs less than to await each step; a large one has an ear for its
 * signal between two chunks.
 */
export async function digest(path: string, context: TaskContext): Promise<Digest> {
  // What has become a pipe meanwhile must not keep us waiting for somebody to write to it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { dev, ino } = fstatSync(file);
    const hash = createHash('sha256');
    let size = 0;
    for (;;) {
      const bytes = readSync(file, chunk);
      if (bytes === 0) break;
      hash.update(chunk.subarray(0, bytes));
      size += bytes;
      if (bytes === chunk.length) await setImmediate(undefined, { signal: context.signal });
    }
    return { path, size, sha256: hash.digest('hex'), inode: `${dev}:${ino}` };
  } finally {
    closeSync(file);
  }
}
