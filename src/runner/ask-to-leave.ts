import type { LeaveByForce } from '../task/shapes.js';

/** Asks a source to end by itself; that it can't be asked is a failure of its attempt. */
export function askToLeave(
  attempt: { error(error: unknown): void },
  leave: LeaveByForce | (() => void),
): void {
  try {
    if (typeof leave === 'function') leave();
    else leave.ask();
  } catch (error) {
    attempt.error(error);
  }
}
