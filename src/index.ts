// The runner
export { Runner } from './runner/runner.js';
export type { RunOptions, RunnerOptions } from './runner/run-options.js';
export { AdoptedTask } from './runner/adopted-task.js';
export type { RunnerState } from './runner/core.js';
export type { GivenReason } from './runner/stop-reason.js';
export type { TaskInfo } from './runner/task-info.js';

// Services
export { runtime } from './service/runtime.js';
export { service, type ServiceClass, type ServiceDecorator } from './service/service.js';
export type { ServiceOptions } from './service/options.js';

// Payloads and options
export type {
  AdoptOptions,
  Backoff,
  Emitted,
  Entry,
  ExecuteOptions,
  Flavour,
  Leave,
  Payload,
  PayloadFunction,
  Restart,
  RestartOptions,
  SuperviseOptions,
  TaskContext,
} from './task/shapes.js';

// Threads
export { threaded, type ThreadedOptions } from './task/threaded.js';
export type { Threaded } from './task/builder.js';
export type { Overflow, ThreadedPayload } from './task/threaded-payload.js';
export { type Transfer, transfer, type Transferable } from './task/transfer.js';

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
export type { GroupOptions, MemberSpec, MemberSpecs, Strategy } from './group/plan.js';
export { type RunGroupOptions, runGroup } from './group/run-group.js';

// Flavours
export { flavours } from './flavours/flavours.js';
export { ThreadScheduler } from './thread/thread-scheduler.js';
export type { ThreadOptions } from './thread/options.js';
export { defineFlavour } from './flavours/define-flavour.js';

// The lifecycle
export { eachValueFrom } from 'rxjs-for-await';
export type {
  BackendDownEvent,
  BackendUpEvent,
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

// Task backends
export { AsyncTaskBackend } from './backends/async-task-backend.js';
export { SyncTaskBackend } from './backends/sync-task-backend.js';
export { getDefaultTaskBackend, setDefaultTaskBackend } from './backends/default-task-backend.js';
export type { Job } from './backends/job.js';
export type { AsyncTaskBackendOptions, LocalOptions } from './backends/options.js';
export type {
  Drained,
  Executor,
  SubmitOptions,
  TaskBackend,
  TransactionClient,
} from './backends/task-backend.js';

// Errors and what they carry
export {
  BackendClosedError,
  BackendDownError,
  CancelledError,
  CloneError,
  type CrashDetails,
  type DatabaseAddress,
  DependencyError,
  DuplicateNameError,
  InvalidOptionError,
  InvalidPayloadError,
  MissingPackageError,
  OrphanedValueError,
  OverdueError,
  OverflowError,
  QueueFullError,
  RestartLimitError,
  RunnerFailedError,
  RunnerStateError,
  RxvisorError,
  StopRestarting,
  UnknownTaskError,
  UsageError,
  WorkerCrashError,
  type WorkerCrashReason,
} from './errors.js';
export type { Failure, Report, StopReason, Straggler } from './report.js';
