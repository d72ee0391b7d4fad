import { throwError } from 'rxjs';

/**
 * Lets an error that has nobody to go to surface the way RxJS surfaces unhandled errors: on a later
 * tick, through `config.onUnhandledError` or as an `uncaughtException`.
 */
export function surface(error: unknown): void {
  throwError(() => error).subscribe();
}
