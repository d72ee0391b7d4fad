import { coreOf } from './core-of.js';

/**
 * Has a runner tell that a backend has lost its database, or has it again.
 *
 * @returns Whether it was told: a runner tells nothing before it's up, and nothing when it's down.
 */
export function tellOfBackend(
  runner: object,
  backend: string,
  news: 'up' | { readonly error: unknown },
): boolean {
  const { state, narrate } = coreOf(runner);
  if (state === 'idle' || state === 'stopped') return false;
  if (news === 'up') narrate.backendUp(backend);
  else narrate.backendDown(backend, news.error);
  return true;
}
