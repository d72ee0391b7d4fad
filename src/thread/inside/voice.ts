import type { StopReason } from '../../report.js';
import type { AnyFunction } from '../../task/shapes.js';
import type { Overflow } from '../../task/threaded-payload.js';

/** An attempt that is to be run in this thread. */
export interface Order {
  readonly id: number;
  readonly payload: AnyFunction;
  readonly args: readonly unknown[];
  readonly task: string;
  readonly attempt: number;
  readonly window: number;
  readonly overflow: Overflow;
}

/** What an attempt in a thread has to say: see the protocol. */
export interface Voice {
  ready(id: number): void;
  value(id: number, value: unknown): void;
  /** Its only value, and it's over. */
  result(id: number, value: unknown): void;
  /** The source is over, the rest isn't. */
  completed(id: number): void;
  /** @param asked  Why it was cancelled, if it was: then that may be its ordinary end. */
  failed(id: number, error: unknown, asked?: StopReason): void;
  over(id: number, errors: readonly unknown[]): void;
  /** Nothing that has been said is to wait for the end of the tick: that may be far off. */
  hurry(): void;
}
