import { NEVER, type Observable, from, take } from 'rxjs';
import type { Report } from '../report.js';
import { RUNNER_CHECKS, type RunnerOptions } from '../runner/run-options.js';
import { Runner } from '../runner/runner.js';
import { type Check, type Checks, aBoolean, anAbortSignal, checkOptions } from '../task/check.js';
import { isObservableLike } from '../task/payload.js';
import { toGroup } from './group.js';
import { type AnyMember, GROUP_CHECKS, type GroupOptions, type MemberSpecs } from './plan.js';

/** Options of `runGroup`, besides those of its runner. */
export interface RunGroupOptions extends GroupOptions, RunnerOptions {
  /** Whether SIGTERM and SIGINT stop the group (a second one at once). @default true */
  readonly signals?: boolean;
  /** Stops the group when it first emits. */
  readonly stop$?: Observable<unknown>;
  /** Stops the group when it aborts. */
  readonly signal?: AbortSignal;
  /** Whether to wait for a stop when every member has ended. @default false */
  readonly keepAlive?: boolean;
}

const aStream: Check = { accepts: isObservableLike, wanted: 'give an Observable' };

const RUN_GROUP_CHECKS: Checks<RunGroupOptions> = {
  ...RUNNER_CHECKS,
  ...GROUP_CHECKS,
  signals: aBoolean,
  stop$: aStream,
  signal: anAbortSignal,
  keepAlive: aBoolean,
};

/**
 * Hosts a group in a runner of its own, until it's told to stop or every member has ended. An empty
 * list resolves at once, before anything is installed.
 *
 * @returns A promise of the report. It rejects with {@link RunnerFailedError} as `Runner.run` does,
 *   and with {@link InvalidOptionError} and the like before anything starts; with what `stop$` errors
 *   with, after it has stopped for that.
 */
export async function runGroup<const A extends readonly unknown[]>(
  specs: MemberSpecs<A>,
  options: RunGroupOptions = {},
): Promise<Report> {
  checkOptions(options, RUN_GROUP_CHECKS);
  const { signals = true, stop$, signal, keepAlive = false, strategy, ...others } = options;
  const runner = new Runner(others);
  const payload = toGroup(specs, strategy === undefined ? {} : { strategy }, '');
  if (specs.length === 0) return runner.shutdown({ type: 'idle' });
  runner.adopt(payload, { name: freeName(specs) });
  const until = keepAlive ? 'stopped' : 'idle';
  const running = runner.run({ signals, until, ...(signal && { signal }) });
  const stopFailure: { error?: unknown } = {};
  // `from` takes an Observable of another copy of RxJS too.
  const stopping = from(stop$ ?? NEVER)
    .pipe(take(1))
    .subscribe({
      next: () => void runner.shutdown({ type: 'stop' }),
      error: (cause: unknown) => {
        stopFailure.error = cause;
        void runner.shutdown({ type: 'failure', cause });
      },
    });
  try {
    const report = await running;
    if ('error' in stopFailure) throw stopFailure.error;
    return report;
  } finally {
    stopping.unsubscribe();
  }
}

/** The members' paths have no prefix here, so the group's own name has to keep out of their way. */
function freeName(specs: readonly AnyMember[]): string {
  let name = 'group';
  while (specs.some((spec) => spec.name === name)) name = `(${name})`;
  return name;
}
