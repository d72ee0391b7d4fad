import type { StopReason } from '../report.js';
import type { RestartPolicy } from '../supervise/restart-policy.js';

/** What most lives never have: a past. Made when a life crashes, restarts, or is asked to stop. */
export class Past {
  restarts = 0;
  /** The last one, and when it happened among all failures of the runner. */
  crash: { readonly error: unknown; readonly order: number } | undefined;
  policy: RestartPolicy | undefined;
  /** Why the life is to end; the first reason is kept. */
  stopReason: StopReason | undefined;
  /** Why another attempt follows although this one was asked to stop. */
  resuming: 'manual' | 'sibling' | undefined;
  nextStartAt: number | undefined;
  readonly waiters: (() => void)[] = [];
}
