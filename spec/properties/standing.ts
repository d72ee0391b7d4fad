import type { CancelledError } from '../../src/index.js';
import type { Emitted, Standing } from './trace.js';

/** Whether what happened was the attempt's own doing: nobody had asked it to end. */
export const own = ({ open, living, asked, crashed }: Standing): boolean =>
  open && living && !asked && !crashed;

/** Whether an error is how a payload ends that was asked to: also when its own supervised pipe was, for that reason. */
export function isNormal(error: unknown, reason: unknown): boolean {
  const { name, reason: why } = (error ?? {}) as Partial<CancelledError>;
  if (name === 'CancelledError') return why?.type === 'parent';
  return name === 'AbortError' || (error !== undefined && error === reason);
}

/** Whether a value counts: it's delivered, or orphaned. */
export const heard = ({ open, living, crashed, value }: Emitted): boolean =>
  open && living && !crashed && value !== undefined;
