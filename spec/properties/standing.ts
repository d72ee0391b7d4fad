import type { Emitted, Standing } from './trace.js';

/** Whether what happened was the attempt's own doing: nobody had asked it to end. */
export const own = ({ open, living, asked, crashed }: Standing): boolean =>
  open && living && !asked && !crashed;

/** Whether an error is how a payload ends that was asked to. */
export const isNormal = (error: unknown, reason: unknown): boolean =>
  (error !== undefined && error === reason) ||
  (error as Partial<Error> | undefined)?.name === 'AbortError';

/** Whether a value counts: it's delivered, or orphaned. */
export const heard = ({ open, living, crashed, value }: Emitted): boolean =>
  open && living && !crashed && value !== undefined;
