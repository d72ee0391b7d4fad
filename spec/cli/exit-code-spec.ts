import { describe, expect, it } from '@jest/globals';
import { OverdueError } from '../../src/errors.js';
import { type Ending, exitCode } from '../../src/cli/exit-code.js';
import type { Failure, Report, StopReason } from '../../src/report.js';

const failed: Failure = { task: 'a', error: new Error('broken') };
const overdue: Failure = { task: 'b', error: new OverdueError('b', 50) };
/** As another copy of the package would make it. */
const foreign: Failure = { task: 'c', error: { code: 'ERR_RXVISOR_OVERDUE' } };

const report = (
  type: StopReason['type'],
  failures: Failure[] = [],
  tolerated: Failure[] = [],
): Report => ({
  reason: { type },
  failures,
  tolerated,
  stragglers: [],
  counts: { completed: 0, stopped: 0, failed: 0 },
  uptime: 0,
});

const lost = { lost: [failed] };

describe('exitCode', () => {
  it.each<[string, number, Ending]>([
    ['stopped by a signal', 0, { report: report('signal') }],
    ['all done', 0, { report: report('idle') }],
    ['stopped by a module', 0, { report: report('shutdown') }],
    ['a fatal failure', 1, { report: report('failure', [failed]) }],
    ['a thrown undefined', 1, { report: report('failure', [{ task: 'a', error: undefined }]) }],
    ['a failure while stopping', 1, { report: report('signal', [failed]) }],
    ['a failure among the overdue', 1, { report: report('signal', [overdue, failed]) }],
    ['overdue after a signal', 3, { report: report('signal', [overdue]) }],
    ['overdue, of another copy', 3, { report: report('idle', [foreign, overdue]) }],
    // An attempt that was abandoned before its restart is what ended the runner.
    ['overdue as a failure', 1, { report: report('failure', [overdue]) }],
    ['a lost member', 1, { report: report('idle', [], [failed]), ...lost }],
    ['a lost member, and overdue', 1, { report: report('signal', [overdue], [failed]), ...lost }],
    ['a teardown that failed after a crash', 0, { report: report('idle', [], [failed]) }],
    ['something uncaught at the end', 1, { report: report('signal'), late: [undefined] }],
    ['uncaught, and overdue', 1, { report: report('signal', [overdue]), late: [failed.error] }],
    ['nothing to run', 2, { report: report('idle'), refused: true }],
    ['not loaded, and failed meanwhile', 2, { report: report('failure', [failed]), refused: true }],
    ['SIGINT twice', 130, { report: report('signal', [overdue]), secondSignal: 2 }],
    [
      'SIGTERM after all',
      143,
      { report: report('failure', [failed]), secondSignal: 15, refused: true },
    ],
  ])('should be of %s: %d', (_, code, ending) => {
    expect(exitCode(ending)).toBe(code);
  });
});
