// The runner
export { Runner, type RunOptions, type RunnerOptions } from './runner/runner.js';
export { AdoptedTask } from './runner/adopted-task.js';
export type { RunnerState } from './runner/core.js';
export type { GivenReason } from './runner/stop-reason.js';
export type { TaskInfo } from './runner/task-info.js';

// Payloads and options
export type { TaskContext } from './task/context.js';
export type { Emitted, Payload, PayloadFunction } from './task/payload.js';
export type {
  AdoptOptions,
  Backoff,
  ExecuteOptions,
  Restart,
  RestartOptions,
  SuperviseOptions,
} from './task/options.js';

// Supervision
export { supervise } from './supervise/supervise.js';
export {
  type BackoffOptions,
  type ExponentialOptions,
  type Jitter,
  type LinearOptions,
  constant,
  exponential,
  linear,
} from './supervise/backoff.js';

// Groups
export { group } from './group/group.js';
export type { GroupOptions, MemberSpec, Strategy } from './group/plan.js';
export { type RunGroupOptions, runGroup } from './group/run-group.js';

// Flavours
export { flavours } from './flavours/flavours.js';
export { defineFlavour } from './flavours/define-flavour.js';
export type { Entry, Flavour, Leave } from './task/flavour.js';

// The lifecycle
export type {
  CrashEvent,
  DownEvent,
  ExitEvent,
  LifecycleEvent,
  Origin,
  Outcome,
  OverdueEvent,
  ReadyEvent,
  RestartCause,
  RestartEvent,
  ShutdownEvent,
  StartEvent,
  StoppingEvent,
  TaskEvent,
  UpEvent,
} from './lifecycle/events.js';

// Observability
export { type FormatOptions, formatEvent } from './observability/format-event.js';
export { formatLifecycle } from './observability/format-lifecycle.js';

// Errors and what they carry
export {
  CancelledError,
  DependencyError,
  DuplicateNameError,
  type Failure,
  InvalidOptionError,
  InvalidPayloadError,
  OrphanedValueError,
  OverdueError,
  type Report,
  RestartLimitError,
  RunnerFailedError,
  RunnerStateError,
  RxvisorError,
  type StopReason,
  StopRestarting,
  type Straggler,
  UnknownTaskError,
} from './errors.js';
