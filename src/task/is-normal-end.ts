import type { StopReason } from '../report.js';
import { peek } from '../show.js';

/**
 * Whether an error is the ordinary end of an attempt that was asked to stop: the reason itself, an
 * AbortError, or an execution that was cancelled as the same thing stopped it too.
 */
export function isNormalEnd(error: unknown, reason: StopReason): boolean {
  if (error === reason) return true;
  const name = peek(error, 'name');
  if (name === 'AbortError') return true;
  return name === 'CancelledError' && originOf(peek(error, 'reason')) === originOf(reason);
}

/** What a child is stopped for is what its parent is stopped for. */
function originOf(reason: unknown): unknown {
  let origin = reason;
  while (peek(origin, 'type') === 'parent' && peek(origin, 'cause') !== undefined) {
    origin = peek(origin, 'cause');
  }
  return origin;
}
