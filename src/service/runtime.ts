import { RunnerStateError } from '../errors.js';
import type { Report } from '../report.js';
import { Runner } from '../runner/runner.js';
import { shared } from '../shared.js';
import { isInThread } from '../thread/mark.js';

/** A thread that runs a payload loads its module for what that exports, and no daemon is begun there. */
class RuntimeInThread extends Runner {
  override run(): Promise<Report> {
    return Promise.reject(new RunnerStateError(this.state, NOT_HERE));
  }
}

const NOT_HERE =
  "the runtime doesn't run in a thread, which has loaded this module for what it exports: call run() in another module, or if isMainThread";

/**
 * The default runner of the process, whose services are if no other is named. Like any runner it does
 * nothing before somebody calls `run()`, and there's one, however many copies of this package are loaded.
 */
export const runtime: Runner = shared('runtime', () =>
  isInThread() ? new RuntimeInThread() : new Runner(),
);
