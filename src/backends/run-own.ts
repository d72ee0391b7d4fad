import type { RunOptions } from '../runner/run-options.js';
import type { Runner } from '../runner/runner.js';
import { warn } from './warn.js';

/** Runs the runner that a backend has made for its jobs, which can fail only by not being over in time. */
export async function runOwn(runner: Runner, options?: RunOptions): Promise<void> {
  try {
    await runner.run(options);
  } catch (error) {
    warn('RXVISOR_JOB_FAILED', 'a job was not over in time', error);
  }
}
