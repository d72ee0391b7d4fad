import type { Unsubscribable } from 'rxjs';

/** Unsubscribes, and returns what finalizers have thrown, each error by itself. */
export function unsubscribe(subscription: Unsubscribable): readonly unknown[] {
  try {
    subscription.unsubscribe();
    return [];
  } catch (error) {
    // RxJS runs all finalizers, then throws one UnsubscriptionError with what they threw.
    const { errors = [error] } = error as { errors?: unknown[] };
    return errors;
  }
}
