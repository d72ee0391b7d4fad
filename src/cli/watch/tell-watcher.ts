import { filter, take } from 'rxjs';
import type { Viewed } from '../status-line/say-status.js';
import { sayToWatcher } from './wire.js';

/**
 * Tells the process that watches this one, if there is one, when the runner begins to stop: a signal
 * that has met both of them isn't to be passed on then.
 *
 * @returns What ends it.
 */
export function tellWatcher({ runner }: { readonly runner: Viewed }): () => void {
  const shutdown$ = runner.events$.pipe(filter(({ type }) => type === 'shutdown'));
  // eslint-disable-next-line rxjs-x/no-ignored-error -- events never error
  const subscription = shutdown$.pipe(take(1)).subscribe(() => {
    sayToWatcher({ stopping: true });
  });
  return () => {
    subscription.unsubscribe();
  };
}
