import {
  NEVER,
  type Observable,
  Subject,
  defer,
  firstValueFrom,
  map,
  merge,
  race,
  retry,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { warn } from '../backends/warn.js';
import { BackendClosedError, BackendDownError } from '../errors.js';
import { tellOfBackend } from '../runner/tell-of-backend.js';
import { exponential } from '../supervise/backoff.js';

/** How long until it's tried again, in ms: soon, and then a little later each time. */
const delayOf = exponential({ initial: 100, max: 2_000, jitter: 'equal' });

/**
 * Whether a backend has its database. Tells of each outage once, in the events of the runner or else as a
 * warning, and has what must not be lost wait for its end.
 */
export class Availability {
  readonly #backend: string;
  readonly #runner: object | undefined;
  readonly #changed = new Subject<void>();
  #isDown = false;
  #isTold = false;
  #hasGivenUp = false;

  /** @param runner  Whose events somebody may see. */
  constructor(backend: string, runner: object | undefined) {
    this.#backend = backend;
    this.#runner = runner;
  }

  lost(error: Error): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#isTold = this.#tell({ error });
    if (this.#isTold) return;
    warn('RXVISOR_BACKEND_DOWN', `backend "${this.#backend}" is down: ${error.message}`);
  }

  back(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    if (this.#isTold) this.#tell('up');
    this.#changed.next();
  }

  /** Does it again and again while there's no database, until it's done or nobody waits for it any more. */
  lasting<T>(work: () => Promise<T>): Promise<T> {
    // eslint-disable-next-line rxjs-x/no-ignored-default-value -- a promise that's kept has a value
    return firstValueFrom(defer(work).pipe(retry({ delay: this.#turn$ })));
  }

  /**
   * Resolves when the database answers.
   *
   * @param within  In ms.
   * @returns A promise that rejects when it doesn't, and when it refuses to.
   */
  async reach(database: Answering, within: number): Promise<void> {
    let error: Error = database.toDown(`no answer within ${within} ms`);
    const answer$ = defer(() => database.executeSql('SELECT 1')).pipe(
      tap({
        error: (latest: unknown) => {
          error = latest as Error;
          this.lost(error);
        },
      }),
      retry({ delay: this.#turn$ }),
    );
    const tooLate$ = within < Infinity ? timer(within) : NEVER;
    const tooLate = () => {
      throw error;
    };
    try {
      // eslint-disable-next-line rxjs-x/no-ignored-default-value -- an answer, or an error
      await firstValueFrom(merge(answer$, tooLate$.pipe(map(tooLate))));
      this.back();
    } catch (latest) {
      throw this.#hasGivenUp ? new BackendClosedError() : latest;
    }
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.#changed.next();
  }

  /** When it's tried again. */
  readonly #turn$ = (error: unknown, failures: number): Observable<unknown> => {
    const isLost = error instanceof BackendDownError && error.isPassing && !this.#hasGivenUp;
    return isLost ? race(timer(delayOf(failures)), this.#changed) : throwError(() => error);
  };

  #tell(news: 'up' | { readonly error: Error }): boolean {
    return this.#runner !== undefined && tellOfBackend(this.#runner, this.#backend, news);
  }
}

/** What is asked of a database, as far as it matters here. */
interface Answering {
  executeSql(text: string): Promise<unknown>;
  /** @param why  What has failed, in a few words. */
  toDown(why: string): BackendDownError;
}
