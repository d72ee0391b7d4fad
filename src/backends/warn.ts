import { show } from '../show.js';

/** What a backend warns of. */
export type WarningCode =
  | 'RXVISOR_JOB_FAILED'
  | 'RXVISOR_JOB_DROPPED'
  | 'RXVISOR_NOT_INITIALIZED'
  | 'RXVISOR_JOBS_UNFINISHED'
  | 'RXVISOR_BACKEND_DOWN';

/** Warns of something that nobody is told otherwise, as a warning of the process. */
export function warn(code: WarningCode, message: string, ...cause: [error?: unknown]): void {
  const detail = cause.length > 0 ? { detail: show(cause[0]) } : {};
  process.emitWarning(message, { type: 'RxvisorWarning', code, ...detail });
}
