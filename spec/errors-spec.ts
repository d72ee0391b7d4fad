import { inspect, types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as errors from '../src/errors.js';
import type { Report, StopReason } from '../src/report.js';

const {
  CancelledError,
  DependencyError,
  DuplicateNameError,
  InvalidOptionError,
  InvalidPayloadError,
  OrphanedValueError,
  OverdueError,
  RestartLimitError,
  RunnerFailedError,
  RunnerStateError,
  RxvisorError,
  StopRestarting,
  UnknownTaskError,
} = errors;

const boom = new Error('boom');
const reason: StopReason = { type: 'signal', signal: 'SIGTERM' };

const report = (...failures: Report['failures']): Report => ({
  reason,
  failures,
  tolerated: [],
  stragglers: [],
  counts: { completed: 0, stopped: 0, failed: failures.length },
  uptime: 5,
});

/** One of each: its code, its fields, and what its message has to say. */
const ALL: readonly [InstanceType<typeof RxvisorError>, string, object, (string | RegExp)[]][] = [
  [
    new OrphanedValueError('tick', 42),
    'ERR_RXVISOR_ORPHANED_VALUE',
    { task: 'tick', value: 42 },
    [
      'task "tick" emitted 42 and nobody is subscribed: subscribe to what adopt() returned, or pipe ignoreElements()',
    ],
  ],
  [
    new RunnerFailedError(report({ task: 'web/tick', error: boom })),
    'ERR_RXVISOR_RUNNER_FAILED',
    { failures: [{ task: 'web/tick', error: boom }], cause: boom },
    ['task "web/tick" failed', 'Error: boom', 'failures'],
  ],
  [
    new RestartLimitError('tick', 5, 60_000, { cause: boom }),
    'ERR_RXVISOR_RESTART_LIMIT',
    { task: 'tick', restarts: 5, cause: boom },
    ['task "tick"', '5 times', '60000 ms', 'maxRestarts', 'within'],
  ],
  [
    new OverdueError('tick', 5_000),
    'ERR_RXVISOR_OVERDUE',
    { task: 'tick', grace: 5_000 },
    ['task "tick"', '5000 ms', 'context.signal', 'raise grace'],
  ],
  [
    new DependencyError('web', 'db', { cause: boom }),
    'ERR_RXVISOR_DEPENDENCY',
    { task: 'web', dependency: 'db', cause: boom },
    ['task "web"', '"db"', 'failed for good'],
  ],
  [
    new StopRestarting(boom),
    'ERR_RXVISOR_STOP_RESTARTING',
    { cause: boom },
    ['asked not to be restarted'],
  ],
  [
    new CancelledError('tick', reason),
    'ERR_RXVISOR_CANCELLED',
    { task: 'tick', reason },
    ['task "tick" was cancelled', 'signal SIGTERM'],
  ],
  [
    new RunnerStateError('stopped', 'the runner is stopped'),
    'ERR_RXVISOR_RUNNER_STATE',
    { state: 'stopped' },
    ['the runner is stopped'],
  ],
  [
    new DuplicateNameError('tick'),
    'ERR_RXVISOR_DUPLICATE_NAME',
    { task: 'tick' },
    ['task "tick"', 'option "name"'],
  ],
  [
    new UnknownTaskError('tick'),
    'ERR_RXVISOR_UNKNOWN_TASK',
    { task: 'tick' },
    ['task "tick"', 'tasks()'],
  ],
  [new InvalidPayloadError('payload is 5'), 'ERR_RXVISOR_INVALID_PAYLOAD', {}, ['payload is 5']],
  [
    new InvalidOptionError('grace', -1, 'give milliseconds'),
    'ERR_RXVISOR_INVALID_OPTION',
    { option: 'grace', value: -1 },
    ['option "grace" is -1: give milliseconds'],
  ],
];

describe.each(ALL.map((row) => [row[0].constructor.name, ...row] as const))(
  '%s',
  (name, error, code, fields, says) => {
    it('should be an RxvisorError, and an Error by its nature', () => {
      expect(error).toBeInstanceOf(RxvisorError);
      expect(types.isNativeError(error)).toBe(true);
      expect(error.stack).toContain('errors-spec');
    });

    it('should have a name and a code of its own', () => {
      expect(error.name).toBe(name);
      expect(error.code).toBe(code);
    });

    it('should carry its parts', () => {
      for (const [field, value] of Object.entries(fields)) {
        expect(error[field as keyof typeof error]).toEqual(value);
      }
    });

    it('should have a cause only if there is one', () => {
      expect('cause' in error).toBe('cause' in fields);
    });

    it('should say what, which and the way out, beginning in lower case', () => {
      for (const words of says) expect(error.message).toMatch(words);
      expect(error.message).toMatch(/^[a-z]/);
    });
  },
);

describe('all errors', () => {
  it('should have a stable code each', () => {
    const codes = ALL.map(([error]) => error.code);

    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every((code) => code.startsWith('ERR_RXVISOR_'))).toBe(true);
  });

  it('should all be told here', () => {
    const classes = Object.values(errors).filter(
      (each) => each !== RxvisorError && each.prototype instanceof RxvisorError,
    );

    expect(ALL.map(([error]) => error.constructor)).toEqual(expect.arrayContaining(classes));
    expect(ALL).toHaveLength(classes.length);
  });

  it('should be named after a class that a user derives', () => {
    class MyError extends RxvisorError {}

    expect(new MyError('mine').name).toBe('MyError');
    expect(new MyError('mine').code).toBe('ERR_RXVISOR');
  });
});

describe('RunnerFailedError', () => {
  it('should have the first failure as its cause: the very same object, whatever it is', () => {
    for (const error of [boom, 'boom', null, undefined]) {
      const failed = new RunnerFailedError(report({ task: 'a', error }, { task: 'b', error: 1 }));

      expect('cause' in failed).toBe(true);
      expect(failed.cause).toBe(error);
    }
  });

  it('should say how many more failed after the first', () => {
    const three = report(
      { task: 'a', error: boom },
      { task: 'b', error: 1 },
      { task: 'c', error: 2 },
    );

    expect(new RunnerFailedError(three).message).toMatch(/^task "a" failed and 2 more failed/);
  });

  it('should not mind a report without a failure, though no runner makes one', () => {
    expect(new RunnerFailedError(report()).message).toMatch(/^task "" failed: undefined/);
  });

  it('should carry the report, which is not printed once more with the error', () => {
    const told = report({ task: 'a', error: boom });
    const failed = new RunnerFailedError(told);

    expect(failed.report).toBe(told);
    expect(failed.failures).toBe(told.failures);
    expect(inspect(failed)).not.toContain('stragglers');
  });
});

describe('OverdueError', () => {
  it('should say how much time there was: its own, or no more of its runner', () => {
    expect(new OverdueError('tick', 5_000).message).toMatch(/grace 5000 ms.* raise grace$/);
    expect(new OverdueError('tick', 5_000, true).message).toMatch(
      /its runner waited no longer.* raise shutdownTimeout$/,
    );
  });
});

describe('StopRestarting', () => {
  it('should tell no cause from a cause of undefined', () => {
    expect('cause' in new StopRestarting()).toBe(false);
    expect('cause' in new StopRestarting(undefined)).toBe(true);
  });
});
