import { type Observable, firstValueFrom, race } from 'rxjs';
import type { Writable } from 'node:stream';

/**
 * Waits until all that was written has been taken: a pipe is asynchronous, and what's left in it when
 * the process exits is lost.
 *
 * @param impatience$  Emits when whoever reads isn't waited for any longer.
 */
export async function flush(
  streams: readonly Writable[],
  impatience$: Observable<unknown>,
): Promise<void> {
  await firstValueFrom(race(Promise.all(streams.map(written)), impatience$));
}

/** One that nobody reads any more calls back, too. */
const written = (stream: Writable) =>
  new Promise<void>((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else {
      stream.write('', () => {
        resolve();
      });
    }
  });
