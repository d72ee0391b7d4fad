import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { TaskContext } from 'rxvisor';

/** What is to be known of a file. */
export interface Digest {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Two paths with the same one are two names of one file. */
  readonly inode: string;
}

const CHUNK = 256 * 1024;

/** Reads a file to its end, or until it's asked to stop. */
export async function digest(path: string, { signal }: TaskContext): Promise<Digest> {
  // What has become a pipe meanwhile must not keep us waiting for somebody to write to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { dev, ino, size: expected } = await file.stat();
    const chunk = Buffer.allocUnsafe(Math.min(expected + 1, CHUNK));
    const hash = createHash('sha256');
    let size = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
      size += bytesRead;
    }
    return { path, size, sha256: hash.digest('hex'), inode: `${dev}:${ino}` };
  } finally {
    await file.close();
  }
}
