import { OverdueError, type RunnerFailedError } from '../errors.js';
import type { RunOptions } from '../runner/run-options.js';
import type { Runner } from '../runner/runner.js';
import { warn } from './warn.js';

/**
 * Runs the runner that a backend has made for its jobs. What they fail with is delivered, so that it can
 * fail only by what they do when they're stopped: that is warned of when it has ended. To do so sooner
 * would cost every job its events.
 */
export async function runOwn(runner: Runner, options?: RunOptions): Promise<void> {
  try {
    await runner.run(options);
  } catch (failed) {
    for (const { task, error } of (failed as RunnerFailedError).failures) {
      const isLate = error instanceof OverdueError;
      const what = isLate ? 'was not over in time' : 'failed as it was stopped';
      warn('RXVISOR_JOB_FAILED', `${task} ${what}`, error);
    }
  }
}
