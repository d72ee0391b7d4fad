import type { Report, StopReason } from '../report.js';

/** Whether a task was adopted by a runner or executed for a subscriber. */
export type Origin = 'adopt' | 'execute';

/** What all events have: `seq` counts 1, 2, 3… without a gap; `at` is the runner's clock, in ms, never going back. */
interface Told<Type extends string> {
  readonly seq: number;
  readonly at: number;
  readonly type: Type;
}

/** What the events of a task have besides. */
export interface ToldOfTask {
  /** Path of the task. */
  readonly task: string;
  readonly id: number;
  readonly flavour: string;
  /** The attempt that the event speaks of: 1, 2, 3…; 0 when there has been none. */
  readonly attempt: number;
  readonly origin: Origin;
}

/** The runner is running. */
export type UpEvent = Told<'up'>;

/** The flavour subscribes the attempt. */
export type StartEvent = Told<'start'> & ToldOfTask;

/** The payload said that it is up. */
export type ReadyEvent = Told<'ready'> & ToldOfTask;

/** The attempt errored, or orphaned a value. Told at once. */
export interface CrashEvent extends Told<'crash'>, ToldOfTask {
  readonly error: unknown;
  /** Since `start`, in ms. */
  readonly uptime: number;
  /** Whether another attempt is to follow, as decided at this moment. */
  readonly restarting: boolean;
}

/** The attempt was asked to stop. */
export interface StoppingEvent extends Told<'stopping'>, ToldOfTask {
  readonly reason: StopReason;
}

/** The attempt was not over in time and has been abandoned. */
export interface OverdueEvent extends Told<'overdue'>, ToldOfTask {
  /** In ms. */
  readonly grace: number;
}

/** The attempt is over; another follows after `delay`. */
export interface RestartEvent extends Told<'restart'>, ToldOfTask {
  /** In ms. */
  readonly delay: number;
  readonly cause: RestartCause;
}

export type RestartCause = 'crash' | 'complete' | 'manual' | 'sibling';

/** The life is over. Exactly one per life. */
export interface ExitEvent extends Told<'exit'>, ToldOfTask {
  readonly outcome: Outcome;
  /** The final error of a failed life; the error of one that failed while it was stopped. */
  readonly error?: unknown;
  /** Whether it ends the runner. */
  readonly fatal: boolean;
}

export type Outcome = 'completed' | 'stopped' | 'failed';

/** The runner begins to stop. */
export interface ShutdownEvent extends Told<'shutdown'> {
  readonly reason: StopReason;
}

/** The runner has stopped. The last one: then `events$` completes. */
export interface DownEvent extends Told<'down'> {
  readonly report: Report;
}

/** A backend has lost its database, and tries to get it back. What it did goes on, what is to be done waits. */
export interface BackendDownEvent extends Told<'backend-down'> {
  /** Its queue. */
  readonly backend: string;
  /** Why there's no connection: a {@link BackendDownError}, or what else is the matter. */
  readonly error: unknown;
}

/** It has it again. */
export interface BackendUpEvent extends Told<'backend-up'> {
  readonly backend: string;
}

/** The events of one task. */
export type TaskEvent =
  StartEvent | ReadyEvent | CrashEvent | StoppingEvent | OverdueEvent | RestartEvent | ExitEvent;

/** Everything a runner tells, discriminated by `type`. Frozen plain objects. */
export type LifecycleEvent =
  UpEvent | TaskEvent | BackendDownEvent | BackendUpEvent | ShutdownEvent | DownEvent;
