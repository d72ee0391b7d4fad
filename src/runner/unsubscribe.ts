import type { Unsubscribable } from 'rxjs';
import { peek } from '../show.js';

/** Unsubscribes, and returns what finalizers have thrown, each error by itself. */
export function unsubscribe(subscription: Unsubscribable): readonly unknown[] {
  try {
    subscription.unsubscribe();
    return [];
  } catch (error) {
    // RxJS runs all finalizers, then throws one UnsubscriptionError with what they threw.
    const errors =
      peek(error, 'name') === 'UnsubscriptionError' ? peek(error, 'errors') : undefined;
    return Array.isArray(errors) ? errors : [error];
  }
}
