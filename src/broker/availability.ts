import {
  NEVER,
  type Observable,
  Subject,
  defer,
  filter,
  firstValueFrom,
  race,
  retry,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { warn } from '../backends/warn.js';
import { BackendClosedError, BackendDownError } from '../errors.js';
import type { Runner } from '../runner/runner.js';
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
  readonly #runner: Runner | undefined;
  readonly #changed = new Subject<void>();
  #isDown = false;
  #isTold = false;
  #hasGivenUp = false;

  /** @param runner  Whose events somebody may see. */
  constructor(backend: string, runner: Runner | undefined) {
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
    return firstValueFrom(
      defer(work).pipe(retry({ delay: (error, n) => this.#turn$(error, delayOf(n)) })),
    );
  }

  /**
   * Opens something again and again while there's no database, and while the runner doesn't stop.
   *
   * @param open    Is told how much time is left, in ms.
   * @param within  In ms: after that it isn't tried again.
   * @returns A promise that rejects with what was the matter; with an `AbortError` if the runner stops.
   */
  async opened<T>(open: (left: number) => Promise<T>, within: number): Promise<T> {
    const limit = performance.now() + within;
    const left = () => limit - performance.now();
    const opened$ = defer(() => open(left())).pipe(
      tap({
        error: (error: unknown) => {
          if (error instanceof BackendDownError && !this.#hasGivenUp) this.lost(error);
        },
      }),
      retry({
        delay: (error: unknown, failures) => {
          if (left() <= 0 || this.#isStopping) return throwError(() => error);
          // The last time is when the time is up.
          const delay = Math.min(delayOf(failures), left());
          return race(this.#turn$(error, delay), this.#stop$).pipe(
            tap(() => {
              if (this.#hasGivenUp || this.#isStopping) throw error as Error;
            }),
          );
        },
      }),
    );
    try {
      // eslint-disable-next-line rxjs-x/no-ignored-default-value -- a promise that's kept has a value
      const opened = await firstValueFrom(opened$);
      this.back();
      return opened;
    } catch (error) {
      if (this.#hasGivenUp) throw new BackendClosedError();
      // A task that waits for this ends well when it's stopped.
      if (this.#isStopping) throw new DOMException((error as Error).message, 'AbortError');
      throw error;
    }
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.#changed.next();
  }

  /** When it's tried again. */
  #turn$(error: unknown, delay: number): Observable<unknown> {
    const isLost = error instanceof BackendDownError && error.isPassing && !this.#hasGivenUp;
    return isLost ? race(timer(delay), this.#changed) : throwError(() => error);
  }

  get #isStopping(): boolean {
    return this.#runner?.state === 'stopping' || this.#runner?.state === 'stopped';
  }

  /** Emits when the runner begins to stop. */
  get #stop$(): Observable<unknown> {
    return this.#runner?.events$.pipe(filter(({ type }) => type === 'shutdown')) ?? NEVER;
  }

  #tell(news: 'up' | { readonly error: Error }): boolean {
    return this.#runner !== undefined && tellOfBackend(this.#runner, this.#backend, news);
  }
}
