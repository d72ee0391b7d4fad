import type { Observable } from 'rxjs';
import type {
  CrashEvent,
  DownEvent,
  ExitEvent,
  LifecycleEvent,
  Report,
  RestartEvent,
  RunnerFailedError,
  Runner,
  StopReason,
  TaskEvent,
  TaskInfo,
} from '../../src/index.js';
import type { Equal, Expect } from './support.js';

declare const runner: Runner;
declare const event: LifecycleEvent;

export type Words = [
  Expect<Equal<Runner['events$'], Observable<LifecycleEvent>>>,
  Expect<
    Equal<
      LifecycleEvent['type'],
      | 'up'
      | 'start'
      | 'ready'
      | 'crash'
      | 'stopping'
      | 'overdue'
      | 'restart'
      | 'exit'
      | 'backend-down'
      | 'backend-up'
      | 'shutdown'
      | 'down'
    >
  >,
  Expect<
    Equal<
      TaskEvent['type'],
      Exclude<LifecycleEvent['type'], 'up' | 'backend-down' | 'backend-up' | 'shutdown' | 'down'>
    >
  >,
  Expect<Equal<Runner['state'], 'idle' | 'running' | 'stopping' | 'stopped'>>,
  Expect<Equal<TaskInfo['state'], 'waiting' | 'running' | 'backoff' | 'stopping'>>,
  Expect<Equal<RestartEvent['cause'], 'crash' | 'complete' | 'manual' | 'sibling'>>,
  Expect<Equal<ExitEvent['outcome'], 'completed' | 'stopped' | 'failed'>>,
  Expect<
    Equal<
      StopReason['type'],
      | 'shutdown'
      | 'stop'
      | 'restart'
      | 'signal'
      | 'abort'
      | 'failure'
      | 'parent'
      | 'unsubscribe'
      | 'idle'
    >
  >,
];

/* An event is told by its `type`: each has what it needs, and nothing of another. */

export function tell(told: LifecycleEvent): string | number | boolean {
  switch (told.type) {
    case 'up':
      return told.seq + told.at;
    case 'start':
    case 'ready':
      return told.task + told.flavour + told.id + told.attempt + told.origin;
    case 'crash':
      return told.restarting || told.uptime;
    case 'stopping':
      return told.reason.type;
    case 'overdue':
      return told.grace;
    case 'restart':
      return told.delay + told.cause;
    case 'exit':
      return told.fatal || told.outcome;
    case 'backend-down':
    case 'backend-up':
      return told.backend;
    case 'shutdown':
      return told.reason.type;
    case 'down':
      return told.report.uptime;
  }
}

if (event.type === 'crash') {
  const error: unknown = event.error;
  void error;
  // @ts-expect-error -- what was thrown may be anything
  void event.error.message;
  // @ts-expect-error -- a crash is told before its delay begins
  void event.delay;
}
if (event.type === 'up') {
  // @ts-expect-error -- the runner comes up, no task
  void event.task;
}
// @ts-expect-error -- only some events have a task
void event.task;
// @ts-expect-error -- there is no such event
if (event.type === 'died') void event;

/* All of it is for reading only. */

type ReadonlyAll<T> = { readonly [K in keyof T]: T[K] };

export type Frozen = [
  Expect<Equal<CrashEvent, ReadonlyAll<CrashEvent>>>,
  Expect<Equal<ExitEvent, ReadonlyAll<ExitEvent>>>,
  Expect<Equal<DownEvent, ReadonlyAll<DownEvent>>>,
  Expect<Equal<TaskInfo, ReadonlyAll<TaskInfo>>>,
  Expect<Equal<Report, ReadonlyAll<Report>>>,
  Expect<Equal<StopReason, ReadonlyAll<StopReason>>>,
];

// @ts-expect-error -- events are frozen
event.seq = 1;
// @ts-expect-error -- the stream is the runner's
runner.events$ = runner.events$;
// @ts-expect-error -- nobody outside can emit
runner.events$.next(event);

export function read(report: Report, failed: RunnerFailedError): void {
  // @ts-expect-error -- a report is frozen
  report.uptime = 0;
  // @ts-expect-error -- and so are its lists
  report.failures.push({ task: 'web', error: 1 });
  // @ts-expect-error -- and its counts
  report.counts.failed++;
  // @ts-expect-error -- and the failures of the error
  failed.failures.pop();
}

/* What runs and stops resolves with the report. */

export type Resolves = [
  Expect<Equal<ReturnType<Runner['run']>, Promise<Report>>>,
  Expect<Equal<ReturnType<Runner['shutdown']>, Promise<Report>>>,
  Expect<Equal<ReturnType<Runner['stop']>, Promise<void>>>,
  Expect<Equal<ReturnType<Runner['restart']>, void>>,
  Expect<Equal<ReturnType<Runner['tasks']>, TaskInfo[]>>,
  Expect<Equal<Runner extends AsyncDisposable ? true : false, true>>,
];

void runner.shutdown('deploying');
void runner.stop('web', { type: 'stop', message: 'deploying' });
// @ts-expect-error -- there is no such reason
void runner.shutdown({ type: 'boredom' });
