import type { Observable } from 'rxjs';
import type { StopReason } from '../errors.js';
import type { Adopt, Execute } from './options.js';

/** What every attempt of a function payload is given, as its last argument. */
export interface TaskContext {
  /** Path of the task: `'web/poller'`. */
  readonly name: string;
  /** Number of this attempt: 1, 2, 3… */
  readonly attempt: number;
  /**
   * Aborted when the attempt is asked to stop; its `reason` is a {@link StopReason}. Made when first
   * read. An Observable whose function has read it is not unsubscribed but expected to complete.
   */
  readonly signal: AbortSignal;
  /** Says that the attempt is up. More calls do nothing. */
  readonly ready: () => void;
  /**
   * Runs when the attempt ends in any way: last in, first out, each awaited, a failing one skips no
   * other. Registered after the end, it runs at once.
   */
  readonly onTeardown: (teardown: () => unknown) => void;
  /** As on the runner, but the child lives no longer than this attempt and its name is prefixed with this task's. */
  readonly adopt: Adopt;
  /** As on the runner, but the execution lives no longer than this attempt and its name is prefixed with this task's. */
  readonly execute: Execute;
}

/** An adopted task, as a payload sees it: hot, and to be stopped. */
export interface Adopted<T> extends Observable<T> {
  /** Path of the task. */
  readonly name: string;
  /** Asks the task to stop. Resolves when its life is over; never rejects. */
  stop(reason?: string | Partial<StopReason>): Promise<void>;
}
