import { inspect, types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as errors from '../src/errors.js';
import type { WorkerCrashReason } from '../src/errors.js';
import type { Report, StopReason } from '../src/report.js';

const {
  BackendClosedError,
  BackendDownError,
  CancelledError,
  CloneError,
  DependencyError,
  DuplicateNameError,
  InvalidOptionError,
  InvalidPayloadError,
  MissingPackageError,
  OrphanedValueError,
  OverdueError,
  OverflowError,
  QueueFullError,
  RestartLimitError,
  RunnerFailedError,
  RunnerStateError,
  RxvisorError,
  StopRestarting,
  UnknownTaskError,
  UsageError,
  WorkerCrashError,
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
  [
    new MissingPackageError('tsx', 'to load worker modules in TypeScript', { cause: boom }),
    'ERR_RXVISOR_MISSING_PACKAGE',
    { package: 'tsx', cause: boom },
    ['package "tsx"', 'to load worker modules in TypeScript', 'npm install tsx'],
  ],
  [
    new BackendClosedError(),
    'ERR_RXVISOR_BACKEND_CLOSED',
    {},
    ['has shut down', 'make another one'],
  ],
  [
    new BackendDownError('no connection to PostgreSQL at db:5432', { host: 'db', port: 5432 }),
    'ERR_RXVISOR_BACKEND_DOWN',
    { host: 'db', port: 5432, isPassing: true },
    ['no connection to PostgreSQL at db:5432'],
  ],
  [new UsageError('no module was named'), 'ERR_RXVISOR_USAGE', {}, ['no module was named']],
  [
    new WorkerCrashError('digest', 'exit', { threadId: 3, exitCode: 7, stderr: 'bye' }),
    'ERR_RXVISOR_WORKER_CRASH',
    { task: 'digest', reason: 'exit', threadId: 3, exitCode: 7, stderr: 'bye' },
    ['task "digest" lost thread 3 (exit code 7)', 'process.exit()'],
  ],
  [
    new CloneError('digest', 'argument 2', boom),
    'ERR_RXVISOR_CLONE',
    { task: 'digest', cause: boom },
    ['task "digest" can\'t pass argument 2', 'plain data', 'transfer()'],
  ],
  [
    new QueueFullError(10),
    'ERR_RXVISOR_QUEUE_FULL',
    { maxQueue: 10 },
    ['option "maxQueue" is 10', 'raise maxQueue'],
  ],
  [
    new OverflowError('tail', 256),
    'ERR_RXVISOR_OVERFLOW',
    { task: 'tail', window: 256 },
    ['task "tail"', '256 were waiting', 'option "window"', 'option "overflow"'],
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
    expect(new OverdueError('tick', 5_000).message).toMatch(
      /abandoned \(grace 5000 ms.* raise grace$/,
    );
    expect(new OverdueError('tick', 5_000, false, 'terminated').message).toMatch(
      / terminated \(grace/,
    );
    expect(new OverdueError('tick', 5_000, true).message).toMatch(
      /its runner waited no longer.* raise shutdownTimeout$/,
    );
  });
});

describe('InvalidOptionError', () => {
  it.each(['postgres://me:s3cret@db/jobs', 'https://me:s3cret@example.org', 'redis://:s3cret@db'])(
    'should not say an address with a password, wherever it was given: %s',
    (address) => {
      const error = new InvalidOptionError('queue', address, 'give a name');

      expect(error.message).toBe('option "queue" is \'an address with a password\': give a name');
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('s3cret');
    },
  );

  it.each(['postgres://db/jobs', 'me@example.org', 'a:b@c', '/a:b@c', 'http://a/b:c@d'])(
    'should say what is no such thing: %s',
    (value) => {
      expect(new InvalidOptionError('queue', value, 'give a name').value).toBe(value);
    },
  );
});

describe('StopRestarting', () => {
  it('should tell no cause from a cause of undefined', () => {
    expect('cause' in new StopRestarting()).toBe(false);
    expect('cause' in new StopRestarting(undefined)).toBe(true);
  });
});

describe('WorkerCrashError', () => {
  // Which of the two it is, what happened, and the way out.
  const stories: [WorkerCrashReason, RegExp, RegExp, RegExp][] = [
    ['uncaught', /lost/, /nothing caught/, /catch it where it is thrown/],
    ['unhandled-rejection', /lost/, /rejected and nobody handled/, /await it/],
    ['exit', /lost/, /process\.exit\(\)/, /return or throw instead/],
    ['out-of-memory', /lost/, /out of memory/, /raise option "resourceLimits"/],
    ['terminated', /lost/, /terminated from outside/, /stop the task, or unsubscribe/],
    ['load', /could not run on/, /did not load/, /mend the module/],
    ['no-export', /could not run on/, /no such function/, /export it/],
    ['handshake', /could not run on/, /did not answer in time/, /raise option "startTimeout"/],
  ];

  it.each(stories)('should say what happened and the way out: %s', (why, how, what, wayOut) => {
    const { message } = new WorkerCrashError('digest', why, { threadId: 3 });

    expect(message).toMatch(/^task "digest" (lost|could not run on) thread 3: /);
    for (const words of [how, what, wayOut]) expect(message).toMatch(words);
  });

  it('should have a cause and an exit code only if there are any, and no stderr by default', () => {
    const bare = new WorkerCrashError('digest', 'handshake', { threadId: 3, exitCode: undefined });

    expect(Object.keys(bare)).not.toContain('exitCode');
    expect('cause' in bare).toBe(false);
    expect(bare.stderr).toBe('');
    expect(new WorkerCrashError('digest', 'exit', { threadId: 3, exitCode: 0 }).exitCode).toBe(0);
  });

  it('should keep what was thrown, even if that was undefined', () => {
    const thrown = new WorkerCrashError('digest', 'uncaught', { threadId: 3, cause: undefined });

    expect('cause' in thrown).toBe(true);
  });
});

describe('CloneError', () => {
  it('should do without a cause: what was moved away once is no error of the engine', () => {
    expect('cause' in new CloneError('digest', 'argument 2')).toBe(false);
  });
});
