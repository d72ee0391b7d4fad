import { writeSync } from 'node:fs';
import { getEnvironmentData } from 'node:worker_threads';
import { peek } from '../../show.js';

// What a watched daemon says to the process that watches it, one JSON object a line, on a pipe of its
// own. Written at once, by whatever thread: nothing is lost when the process ends in the next moment.
//
//   daemon → watcher   { loaded, version }  again and again, before the file is read
//                      { stopping }         when it begins to stop
//   watcher → daemon   (nothing: another pipe is only held, and breaks when the watcher dies)

/** What a daemon says: that it loads a file, with its state before (see `versionOf`); that it's stopping. */
export type Said =
  { readonly loaded: string; readonly version: string } | { readonly stopping: true };

/** The variable that tells a daemon which file descriptors lead to its watcher: `'3 4'`. */
export const VARIABLE = 'RXVISOR_WATCHED';

/** Where every thread of a watched process finds the descriptor to write to. */
export const KEY = 'rxvisor.watched';

/** Says something to the watcher, if there is one. */
export function sayToWatcher(said: Said, fd: unknown = getEnvironmentData(KEY)): void {
  if (typeof fd !== 'number') return;
  try {
    writeSync(fd, `${JSON.stringify(said)}\n`);
  } catch (error: unknown) {
    // Nobody watches any more: then there's a stop on its way.
    if (peek(error, 'code') !== 'EPIPE') throw error;
  }
}
