import type { Writable } from 'node:stream';

/**
 * Waits until all that was written has been taken: a pipe is asynchronous, and what's left in it when
 * the process exits is lost. One that nobody reads any more is no matter.
 */
export async function flush(streams: readonly Writable[]): Promise<void> {
  await Promise.all(streams.map(isWritten));
}

const isWritten = (stream: Writable) =>
  new Promise<void>((resolve) => {
    if (stream.writableLength === 0) resolve();
    else {
      stream.write('', () => {
        resolve();
      });
    }
  });
