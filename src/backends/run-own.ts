import { OverdueError, type RunnerFailedError } from '../errors.js';
import type { RunOptions } from '../runner/run-options.js';
import type { Runner } from '../runner/runner.js';
import { warn } from './warn.js';

/**
 * Runs the runner that a backend has made for its jobs. What they fail with is delivered, so that it can
 * fail only by what they do when they're stopped: that is warned of.
 *
 * @param warned  When: as it happens, which costs every job its events, or when the runner has ended,
 *   which is soon enough where jobs are stopped by that alone.
 */
export async function runOwn(
  runner: Runner,
  options?: RunOptions,
  warned: 'at once' | 'at the end' = 'at once',
): Promise<void> {
  const known = new Set<unknown>();
  if (warned === 'at once') {
    // eslint-disable-next-line rxjs-x/no-ignored-error -- events$ never errors
    runner.events$.subscribe((event) => {
      if (event.type !== 'exit' || event.outcome !== 'stopped' || !('error' in event)) return;
      known.add(event.error);
      warnOfStopped(event.task, event.error);
    });
  }
  try {
    await runner.run(options);
  } catch (error) {
    for (const failure of (error as RunnerFailedError).failures) {
      if (!known.has(failure.error)) warnOfStopped(failure.task, failure.error);
    }
  }
}

function warnOfStopped(task: string, error: unknown): void {
  const what = error instanceof OverdueError ? 'was not over in time' : 'failed as it was stopped';
  warn('RXVISOR_JOB_FAILED', `${task} ${what}`, error);
}
