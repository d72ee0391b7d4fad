import type { StopReason } from '../report.js';
import { peek } from '../show.js';

/**
 * Whether an error is the ordinary end of an attempt that was asked to stop: the reason itself, an
 * AbortError, or an execution of its own that was cancelled for this very reason.
 */
export function isNormalEnd(error: unknown, reason: StopReason): boolean {
  if (error === reason) return true;
  const name = peek(error, 'name');
  if (name === 'AbortError') return true;
  return name === 'CancelledError' && peek(peek(error, 'reason'), 'cause') === reason;
}
