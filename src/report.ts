/** Why something was asked to stop. A reason is not an error: stopping as asked is no failure. */
export interface StopReason {
  readonly type:
    | 'shutdown'
    | 'stop'
    | 'restart'
    | 'signal'
    | 'abort'
    | 'failure'
    | 'parent'
    | 'unsubscribe'
    | 'idle';
  /** In the words of whoever asked. */
  readonly message?: string;
  /** The signal's name, for `'signal'`. */
  readonly signal?: NodeJS.Signals;
  /** What led to it: the failure, the reason of an AbortSignal, the reason of the parent. */
  readonly cause?: unknown;
}

/**
 * Makes a reason that nobody can change. It's not frozen, since `signal.reason` is the very same, and
 * Node's `fetch` gives that a `stack` before it rejects with it.
 */
export function fixed<R extends StopReason>(reason: R): R {
  for (const [member, value] of Object.entries(reason)) {
    Object.defineProperty(reason, member, { value, writable: false, configurable: false });
  }
  return reason;
}

/** One failure and the path of the task it belongs to. */
export interface Failure {
  readonly task: string;
  readonly error: unknown;
}

/** A task that was still not over when its runner gave it up. `age` is the time since its attempt began, in ms. */
export interface Straggler {
  readonly task: string;
  readonly flavour: string;
  readonly age: number;
}

/** What a runner has to say when all has stopped. Times in ms. */
export interface Report {
  readonly reason: StopReason;
  /** What makes `run()` reject: in the order in which it happened. */
  readonly failures: readonly Failure[];
  /** Errors that are told and harm nobody: final failures of members that are not significant, teardown errors after a crash. */
  readonly tolerated: readonly Failure[];
  readonly stragglers: readonly Straggler[];
  /** Lives by their outcome. */
  readonly counts: {
    readonly completed: number;
    readonly stopped: number;
    readonly failed: number;
  };
  /** From `up` to `down`; 0 when the runner never ran. */
  readonly uptime: number;
}
