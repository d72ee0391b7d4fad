import type { Failure, Report } from '../report.js';
import { isOverdue } from '../show.js';

/** All that decides how the command ends. */
export interface Ending {
  readonly report: Report;
  /** The number of the second signal, if there was one. */
  readonly secondSignal?: number | undefined;
  /** Whether a module couldn't be loaded, or there was nothing to run. */
  readonly refused?: boolean;
  /** What members failed with for good, without harm to the runner. */
  readonly lost?: readonly Failure[];
  /** What was thrown when nothing could fail for it any more. */
  readonly late?: readonly unknown[];
}

export const DONE = 0;
export const FAILED = 1;
export const REFUSED = 2;
export const OVERDUE = 3;
const SIGNALLED = 128;

/** The one place that decides about the exit code. */
export function exitCode(ending: Ending): number {
  const { report, secondSignal, refused = false, lost = [], late = [] } = ending;
  if (secondSignal !== undefined) return SIGNALLED + secondSignal;
  if (refused) return REFUSED;
  if (late.length > 0 || lost.length > 0) return FAILED;
  if (report.failures.length === 0) return DONE;
  return isMerelyOverdue(report) ? OVERDUE : FAILED;
}

const isMerelyOverdue = ({ failures, reason }: Report) =>
  reason.type !== 'failure' && failures.every(({ error }) => isOverdue(error));
