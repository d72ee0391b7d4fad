import type { TaskBackend } from '../backends/task-backend.js';
import {
  type Check,
  type Checks,
  aFunction,
  aName,
  checkGiven,
  checkOptions,
} from '../task/check.js';
import { DOING } from './doing.js';
import { ENDING } from './ending.js';
import { REFUSING } from './refusing.js';
import { RESTARTING } from './restarting.js';

// What test runners have in common.
type DefineSuite = (title: string, body: () => void) => unknown;
type DefineTest = (title: string, body: () => Promise<void>) => unknown;

/** Options of `testTaskBackend`. */
export interface SuiteOptions {
  /** What the suite is called. @default 'a task backend' */
  readonly name?: string;
  /** Of the test runner. @default the global one: of jest, vitest, mocha… */
  readonly describe?: DefineSuite;
  readonly it?: DefineTest;
}

const SUITE_CHECKS: Checks<SuiteOptions> = { name: aName, describe: aFunction, it: aFunction };

/**
 * Defines a suite that holds a backend to what all of them promise, whatever runs their jobs.
 *
 *     testTaskBackend(() => new AsyncTaskBackend());
 *
 * @param make  Makes a new one for each test, that knows no executor and no job. The suite shuts it down.
 * @throws {@link InvalidOptionError}
 */
export function testTaskBackend(
  make: () => TaskBackend | Promise<TaskBackend>,
  options: SuiteOptions = {},
): void {
  checkGiven('make', make, aFunction);
  checkOptions(options, SUITE_CHECKS);
  const { name = 'a task backend', describe = globals.describe, it = globals.it } = options;
  checkGiven('describe', describe, aTestRunners);
  checkGiven('it', it, aTestRunners);
  describe?.(name, () => {
    for (const [title, test] of Object.entries(CASES)) {
      it?.(title, async () => {
        const backend = await make();
        try {
          await test(backend);
        } finally {
          await backend.shutdown();
        }
      });
    }
  });
}

const CASES = { ...DOING, ...RESTARTING, ...REFUSING, ...ENDING };

const globals = globalThis as { readonly describe?: DefineSuite; readonly it?: DefineTest };

const aTestRunners: Check = {
  accepts: aFunction.accepts,
  wanted: "there is no global one: give your test runner's, as in { describe, it }",
};
