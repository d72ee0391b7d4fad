import { Worker } from 'node:worker_threads';

/**
 * Starts a thread of this package.
 *
 * @param entry  Of the imports of package.json: what a thread runs is built, wherever this runs.
 */
export function startThread(entry: string, workerData: unknown): Worker {
  // Of a script that was given on the command line, it's no option for a thread.
  const isInline = process.execArgv.some((option) => option.startsWith('--input-type'));
  return new Worker(new URL(import.meta.resolve(entry)), {
    workerData,
    ...(isInline && { execArgv: [] }),
  });
}
