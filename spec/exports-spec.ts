import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as rxvisor from 'rxvisor';
import ts from 'typescript';

/** What a user can import, by hand: a new name is a promise, and shows up here. In alphabetical order. */
const VALUES = [
  'AdoptedTask',
  'AsyncTaskBackend',
  'BackendClosedError',
  'BackendDownError',
  'CancelledError',
  'CloneError',
  'DependencyError',
  'DuplicateNameError',
  'InvalidOptionError',
  'InvalidPayloadError',
  'MissingPackageError',
  'OrphanedValueError',
  'OverdueError',
  'OverflowError',
  'QueueFullError',
  'RestartLimitError',
  'Runner',
  'RunnerFailedError',
  'RunnerStateError',
  'RxvisorError',
  'StopRestarting',
  'SyncTaskBackend',
  'ThreadScheduler',
  'UnknownTaskError',
  'UsageError',
  'WorkerCrashError',
  'constant',
  'defineFlavour',
  'eachValueFrom',
  'exponential',
  'flavours',
  'formatEvent',
  'formatLifecycle',
  'getDefaultTaskBackend',
  'group',
  'linear',
  'runGroup',
  'runtime',
  'service',
  'setDefaultTaskBackend',
  'supervise',
  'threaded',
  'transfer',
];

const TYPES = [
  'AdoptOptions',
  'AsyncTaskBackendOptions',
  'BackendDownEvent',
  'BackendUpEvent',
  'Backoff',
  'BackoffOptions',
  'CrashDetails',
  'CrashEvent',
  'DatabaseAddress',
  'DownEvent',
  'Drained',
  'Emitted',
  'Entry',
  'ExecuteOptions',
  'Executor',
  'ExitEvent',
  'ExponentialOptions',
  'Failure',
  'Flavour',
  'FormatOptions',
  'GivenReason',
  'GroupOptions',
  'Jitter',
  'Job',
  'Leave',
  'LifecycleEvent',
  'LinearOptions',
  'LocalOptions',
  'MemberSpec',
  'MemberSpecs',
  'Origin',
  'Outcome',
  'OverdueEvent',
  'Overflow',
  'Payload',
  'PayloadFunction',
  'ReadyEvent',
  'Report',
  'Restart',
  'RestartCause',
  'RestartEvent',
  'RestartOptions',
  'RunGroupOptions',
  'RunOptions',
  'RunnerOptions',
  'RunnerState',
  'ServiceClass',
  'ServiceDecorator',
  'ServiceOptions',
  'ShutdownEvent',
  'StartEvent',
  'StopReason',
  'StoppingEvent',
  'Straggler',
  'Strategy',
  'SubmitOptions',
  'SuperviseOptions',
  'TaskBackend',
  'TaskContext',
  'TaskEvent',
  'TaskInfo',
  'ThreadOptions',
  'Threaded',
  'ThreadedOptions',
  'ThreadedPayload',
  'TransactionClient',
  'Transfer',
  'Transferable',
  'UpEvent',
  'WorkerCrashReason',
];

const index = ts.createSourceFile(
  'index.ts',
  readFileSync(join(import.meta.dirname, '../src/index.ts'), 'utf8'),
  ts.ScriptTarget.Latest,
);

const exportsOfIndex = index.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
  const { exportClause, isTypeOnly } = statement;
  if (!exportClause || !ts.isNamedExports(exportClause)) return [];
  return exportClause.elements.map((element) => ({
    name: element.name.text,
    isType: isTypeOnly || element.isTypeOnly,
  }));
});

describe('the package', () => {
  it('should export these values and no others', () => {
    expect(Object.keys(rxvisor).sort()).toEqual(VALUES);
  });

  it('should export these types and no others', () => {
    const types = exportsOfIndex.filter(({ isType }) => isType).map(({ name }) => name);

    expect(types.sort()).toEqual(TYPES);
  });

  it('should be nothing but named re-exports under headings', () => {
    expect(index.statements.filter((each) => !ts.isExportDeclaration(each))).toEqual([]);
    expect(exportsOfIndex).toHaveLength(VALUES.length + TYPES.length);
  });
});
