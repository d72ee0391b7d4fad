import type { Failure, Report, StopReason } from '../report.js';
import { sayReason, show } from '../show.js';
import { RxvisorError } from './rxvisor-error.js';

/** A value was emitted by an adopted task while nobody was subscribed to it. */
export class OrphanedValueError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_ORPHANED_VALUE';
  readonly task: string;
  readonly value: unknown;

  constructor(task: string, value: unknown) {
    super(
      `task "${task}" emitted ${show(value)} and nobody is subscribed: subscribe to what adopt() returned, or pipe ignoreElements()`,
    );
    this.task = task;
    this.value = value;
  }
}

/** What `run()` rejects with: `cause` is the first failure, `failures` are all of them. */
export class RunnerFailedError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_RUNNER_FAILED';
  readonly failures: readonly Failure[];
  /** Not enumerable, since it would repeat the failures wherever the error is printed. */
  declare readonly report: Report;

  constructor(report: Report) {
    const [first] = report.failures;
    const others = report.failures.length - 1;
    super(
      `task "${first?.task ?? ''}" failed${others > 0 ? ` and ${others} more failed after it` : ''}: ${show(first?.error)} (see cause, failures and report)`,
      { cause: first?.error },
    );
    this.failures = report.failures;
    Object.defineProperty(this, 'report', { value: report, enumerable: false });
  }
}

/** A task asked for one more restart than its budget allows. */
export class RestartLimitError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_RESTART_LIMIT';
  readonly task: string;
  readonly restarts: number;

  constructor(task: string, restarts: number, within: number, options?: ErrorOptions) {
    super(
      `task "${task}" was restarted ${restarts} times within ${within} ms and is not restarted again: mend its cause, or raise maxRestarts or shorten within`,
      options,
    );
    this.task = task;
    this.restarts = restarts;
  }
}

/** An attempt was still not over `grace` after it should have been. */
export class OverdueError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_OVERDUE';
  readonly task: string;
  readonly grace: number;

  /**
   * @param forced  Whether the runner had given up waiting before `grace` was over.
   * @param what    What has become of it: a thread can be terminated.
   */
  constructor(
    task: string,
    grace: number,
    forced = false,
    what: 'abandoned' | 'terminated' = 'abandoned',
  ) {
    const why = forced ? 'its runner waited no longer' : `grace ${grace} ms`;
    const more = forced ? 'shutdownTimeout' : 'grace';
    super(
      `task "${task}" was not over in time and was ${what} (${why}): let it end when context.signal aborts, shorten its teardown, or raise ${more}`,
    );
    this.task = task;
    this.grace = grace;
  }
}

/** A group member could not start, because one that it starts after failed for good. */
export class DependencyError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_DEPENDENCY';
  readonly task: string;
  readonly dependency: string;

  constructor(task: string, dependency: string, options?: ErrorOptions) {
    super(
      `task "${task}" was not started: "${dependency}", which it starts after, failed for good`,
      options,
    );
    this.task = task;
    this.dependency = dependency;
  }
}

/**
 * An instruction, not a failure: a task that errors with it fails for good, with `cause` if there is
 * one, whatever its restart policy says.
 */
export class StopRestarting extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_STOP_RESTARTING';

  constructor(...cause: [cause?: unknown]) {
    super(
      'the task asked not to be restarted',
      cause.length === 0 ? undefined : { cause: cause[0] },
    );
  }
}

/** An execution was stopped before it had ended by itself. */
export class CancelledError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_CANCELLED';
  readonly task: string;
  readonly reason: StopReason;

  constructor(task: string, reason: StopReason, options?: ErrorOptions) {
    super(`task "${task}" was cancelled: ${sayReason(reason)}`, options);
    this.task = task;
    this.reason = reason;
  }
}
