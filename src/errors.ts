// Every error of this package, by what it is about

export { RxvisorError } from './errors/rxvisor-error.js';

// A task, or its runner, failed or was told not to go on
export {
  CancelledError,
  DependencyError,
  OrphanedValueError,
  OverdueError,
  RestartLimitError,
  RunnerFailedError,
  StopRestarting,
} from './errors/task-errors.js';

// A thread died, or could not do what it was asked for
export {
  type CrashDetails,
  CloneError,
  OverflowError,
  QueueFullError,
  WorkerCrashError,
  type WorkerCrashReason,
} from './errors/thread-errors.js';

// Something was refused: it can't be done, or not as it was asked for
export {
  BackendClosedError,
  BackendDownError,
  type DatabaseAddress,
  DuplicateNameError,
  InvalidOptionError,
  InvalidPayloadError,
  MissingPackageError,
  RunnerStateError,
  UnknownTaskError,
  UsageError,
} from './errors/refusals.js';
