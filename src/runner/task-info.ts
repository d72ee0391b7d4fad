import type { Origin } from '../lifecycle/events.js';

/** What `runner.tasks()` says of a living task. Times in ms, on the runner's clock. */
export interface TaskInfo {
  readonly id: number;
  /** Path of the task. */
  readonly name: string;
  readonly flavour: string;
  readonly origin: Origin;
  readonly state: 'waiting' | 'running' | 'backoff' | 'stopping';
  readonly ready: boolean;
  /** Number of the current attempt, or of the last one; 0 before the first. */
  readonly attempt: number;
  readonly restarts: number;
  /** The clock at adoption, at the start of the attempt, or at the beginning of the backoff. */
  readonly since: number;
  /** In backoff: when the next attempt is due. */
  readonly nextStartAt?: number;
  /** Of the last crash, if there was one. */
  readonly lastError?: unknown;
}
