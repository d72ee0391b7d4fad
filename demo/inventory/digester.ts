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
import { RxvisorError, type TaskContext } from 'rxvisor';
import { digest } from './digest.js';
import type { Outbox } from './outbox.js';
import type { Tally } from './tally.js';
import { type Found, walk } from './walk.js';

interface Desk {
  readonly root: string;
  readonly concurrency: number;
  readonly tally: Tally;
  readonly outbox: Outbox;
}

/**
 * Executes a walk, and each file that it comes across, so many at a time. The walker runs ahead: what
 * it has found so far is what the progress is a fraction of. A file that can't be read is a problem of
 * that file, nobody's crash.
 */
export const digester =
  ({ root, concurrency, tally, outbox }: Desk) =>
  ({ execute }: TaskContext): Observable<never> =>
    execute(walk, { name: 'walker', args: [root] }).pipe(
      tap({ next: noteIn(tally), complete: () => (tally.isFoundAll = true) }),
      filter((found) => found.type === 'file'),
      mergeMap(
        ({ path }) =>
          execute(digest, { name: 'digest', args: [path] }).pipe(
            catchError((error: unknown) => {
              // Cancelled, as the digester is being stopped: so there's no need to try the next one.
              if (error instanceof RxvisorError) return NEVER;
              tally.problems.push({ path, error });
              return EMPTY;
            }),
          ),
        concurrency,
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

const noteIn = (tally: Tally) => (found: Found) => {
  if (found.type === 'file') tally.found++;
  else if (found.type === 'link') tally.links++;
  else tally.problems.push(found);
};
