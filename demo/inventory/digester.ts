import {
  EMPTY,
  NEVER,
  type Observable,
  catchError,
  filter,
  finalize,
  ignoreElements,
  mergeMap,
  tap,
} from 'rxjs';
import {
  CancelledError,
  RunnerStateError,
  RxvisorError,
  type TaskContext,
  threaded,
} from 'rxvisor';
import type { Outbox } from './outbox.js';
import type { Tally } from './tally.js';
import { type Found, walk } from './walk.js';

interface Desk {
  readonly root: string;
  readonly dataDir: string;
  /** How many threads there are. */
  readonly concurrency: number;
  readonly tally: Tally;
  readonly outbox: Outbox;
}

const threads = threaded<typeof import('./digest.js')>(new URL('./digest.ts', import.meta.url));

/** So many are under way for each thread: digested one after another, but none waits for us to send the next one. */
const AHEAD = 16;

/**
 * Executes a walk, and for each file that it comes across a digest on a thread. The walker runs ahead: what
 * it has found so far is what the progress is a fraction of. A file that can't be read is a problem of
 * that file, nobody's crash; a thread that dies is one.
 */
export const digester =
  ({ root, dataDir, concurrency, tally, outbox }: Desk) =>
  ({ execute }: TaskContext): Observable<never> =>
    execute(walk, { name: 'walker', args: [root, dataDir] }).pipe(
      tap({ next: noteIn(tally), complete: () => (tally.isFoundAll = true) }),
      filter((found) => found.type === 'file'),
      mergeMap(
        ({ path }) =>
          execute(threads.digest(path)).pipe(
            catchError((error: unknown) => {
              // The digester is being stopped, so there's no need to try the next one.
              if (isStopped(error)) return NEVER;
              if (error instanceof RxvisorError) throw error;
              tally.problems.push({ path, error });
              return EMPTY;
            }),
          ),
        concurrency * AHEAD,
      ),
      tap((digested) => {
        tally.add(digested);
        outbox.add(digested);
      }),
      finalize(() => {
        outbox.close();
      }),
      ignoreElements(),
    );

const isStopped = (error: unknown) =>
  error instanceof CancelledError || error instanceof RunnerStateError;

const noteIn = (tally: Tally) => (found: Found) => {
  if (found.type === 'file') tally.found++;
  else if (found.type === 'link') tally.links++;
  else tally.problems.push(found);
};
