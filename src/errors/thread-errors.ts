import { RxvisorError } from './rxvisor-error.js';

/**
 * What has happened to a thread:
 *
 * - `'uncaught'`, `'unhandled-rejection'`: nothing there caught an error, which is the `cause`
 * - `'exit'`: something there called `process.exit()`; `exitCode` says how
 * - `'out-of-memory'`: it has reached its `resourceLimits`
 * - `'terminated'`: from outside, by `ThreadScheduler.close()`, or since another payload on it was overdue
 * - `'load'`, `'no-export'`: the module didn't load (the `cause` says why), or has no such function; the thread lives on
 * - `'handshake'`: it didn't start, or didn't load the module, within `startTimeout`
 */
export type WorkerCrashReason = keyof typeof STORIES;

/** What is known of a thread that died. */
export interface CrashDetails extends ErrorOptions {
  readonly threadId: number;
  readonly exitCode?: number | undefined;
  /** The last lines that the thread wrote to its standard error. @default '' */
  readonly stderr?: string | undefined;
}

/** What happened to the thread, and the way out. */
const STORIES = {
  uncaught:
    'lost $: something there threw and nothing caught it (see cause): catch it where it is thrown',
  'unhandled-rejection':
    'lost $: a promise there was rejected and nobody handled it (see cause): await it, or catch its error',
  exit: 'lost $: something there ended it by process.exit(): return or throw instead',
  'out-of-memory':
    'lost $: it ran out of memory: raise option "resourceLimits", or hand it less at a time',
  terminated:
    'lost $: it was terminated from outside, or since another payload on it was overdue or its ThreadScheduler was closed: stop the task, or unsubscribe, instead',
  load: 'could not run on $: its module did not load (see cause): mend the module, or the URL given to threaded()',
  'no-export':
    'could not run on $: its module has no such function (see cause): export it, or build the module anew',
  handshake:
    'could not run on $: it did not answer in time: raise option "startTimeout", or let its module load faster',
} as const;

/** A thread died while it ran a task, or could not run it. */
export class WorkerCrashError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_WORKER_CRASH';
  readonly task: string;
  readonly reason: WorkerCrashReason;
  readonly threadId: number;
  /** There if the thread has ended. */
  declare readonly exitCode?: number;
  readonly stderr: string;

  constructor(task: string, reason: WorkerCrashReason, details: CrashDetails) {
    const { threadId, exitCode, stderr = '' } = details;
    const thread = `thread ${threadId}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`;
    super(`task "${task}" ${STORIES[reason].replace('$', thread)}`, details);
    this.task = task;
    this.reason = reason;
    this.threadId = threadId;
    if (exitCode !== undefined) this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** An argument, or a value that was emitted, can't cross between threads. */
export class CloneError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_CLONE';
  readonly task: string;

  /** @param what  What it is that can't cross: `argument 2`, `a value`. */
  constructor(task: string, what: string, ...cause: [cause?: unknown]) {
    super(
      `task "${task}" can't pass ${what} between threads: pass plain data, make what isn't (functions, instances of classes) where it is used, and transfer() a thing once`,
      cause.length === 0 ? undefined : { cause: cause[0] },
    );
    this.task = task;
  }
}

/** As many executions wait for a thread as may. */
export class QueueFullError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_QUEUE_FULL';
  readonly maxQueue: number;

  constructor(maxQueue: number) {
    super(
      `option "maxQueue" is ${maxQueue} and as many wait for a thread: execute fewer at a time (the concurrency of mergeMap), or raise maxQueue or size`,
    );
    this.maxQueue = maxQueue;
  }
}

/** A task on a thread emitted more than its consumer took, and it can't be made to wait. */
export class OverflowError extends RxvisorError {
  override readonly code = 'ERR_RXVISOR_OVERFLOW';
  readonly task: string;
  readonly window: number;

  constructor(task: string, window: number) {
    super(
      `task "${task}" emitted faster than its values are taken and ${window} were waiting: raise option "window", let option "overflow" drop some, or emit from an async iterable, which waits`,
    );
    this.task = task;
    this.window = window;
  }
}
