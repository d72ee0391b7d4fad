import { describe, expect, it } from '@jest/globals';
import { OverdueError } from '../../src/errors.js';
import { failureText, lateText } from '../../src/cli/failure-text.js';
import type { Bystander } from '../../src/cli/witness.js';
import type { ExitEvent } from '../../src/lifecycle/events.js';
import type { Failure, Report } from '../../src/report.js';
import type { TaskInfo } from '../../src/runner/task-info.js';

const report = (failures: Failure[], tolerated: Failure[] = []): Report => ({
  reason: { type: 'idle' },
  failures,
  tolerated,
  stragglers: [],
  counts: { completed: 0, stopped: 0, failed: 0 },
  uptime: 0,
});

interface Others {
  readonly tolerated?: Failure[];
  readonly lost?: Failure[];
  readonly bystanders?: Bystander[];
  readonly late?: unknown[];
}

const textOf = (failures: Failure[], others: Others = {}): string | undefined =>
  failureText(report(failures, others.tolerated), others, others.bystanders);

/** An error with a stack that's always the same. */
function stacked<E extends Error>(error: E, ...frames: string[]): E {
  const lines = frames.map((frame) => `\n    at ${frame}`);
  error.stack = `${error.name}: ${error.message}${lines.join('')}`;
  return error;
}

const info = (fields: Partial<TaskInfo>): TaskInfo => ({
  id: 1,
  name: 'a',
  flavour: 'asap',
  origin: 'adopt',
  state: 'running',
  ready: true,
  attempt: 1,
  restarts: 0,
  since: 0,
  ...fields,
});

describe('failureText', () => {
  it('should be nothing if nothing has failed', () => {
    const taken = { task: 'a', error: new Error('taken by somebody') };

    expect(textOf([])).toBeUndefined();
    expect(textOf([], { tolerated: [taken] })).toBeUndefined();
  });

  it('should say the task, the error with its stack and fields, and all that led to it', () => {
    const deepest = stacked(new RangeError('too far'), 'c (/app/c.js:3:1)');
    const cause = stacked(new Error('in two\nlines', { cause: deepest }), 'b (/app/b.js:2:1)');
    const error = stacked(new Error('broken', { cause }), 'a (/app/a.js:1:1)');

    expect(textOf([{ task: 'web/a', error: Object.assign(error, { code: 'E1', port: 1 }) }])).toBe(
      [
        'task "web/a" failed:',
        '  Error: broken',
        '      at a (/app/a.js:1:1)',
        "      { code: 'E1', port: 1 }",
        '  caused by Error: in two',
        '  lines',
        '      at b (/app/b.js:2:1)',
        '  caused by RangeError: too far',
        '      at c (/app/c.js:3:1)',
      ].join('\n'),
    );
  });

  it('should say the parts of an AggregateError, with their causes', () => {
    const part = stacked(new Error('one', { cause: 'because' }));
    const error = stacked(new AggregateError([part, 'two'], 'all'));

    expect(textOf([{ task: 'a', error }])).toBe(
      [
        'task "a" failed:',
        '  AggregateError: all',
        '    Error: one',
        "    caused by 'because'",
        "    'two'",
      ].join('\n'),
    );
  });

  it('should leave out how the machinery came to call it', () => {
    const error = stacked(
      new Error('broken'),
      'poll (file:///app/poller.mjs:1:1)',
      'node:internal/process/task_queues:95:5',
      'Attempt.enter (/app/node_modules/rxvisor/dist/chunks/x.js:1:1)',
      'AsyncAction.execute (/app/node_modules/rxjs/dist/cjs/internal/scheduler/AsyncAction.js:1:1)',
    );

    expect(textOf([{ task: 'a', error }])).toBe(
      'task "a" failed:\n  Error: broken\n      at poll (file:///app/poller.mjs:1:1)',
    );
  });

  it('should say what failed besides, and what did no harm, in a line each', () => {
    const first = { task: 'a', error: stacked(new Error('first')) };
    const second = { task: 'b', error: new Error('second\nin two lines') };
    const member = { task: 'c', error: 'third' };

    expect(textOf([first, second], { tolerated: [member], late: [4] })).toBe(
      [
        'task "a" failed:',
        '  Error: first',
        'also failed:',
        '  "b": Error: second in two lines',
        '  caught by nobody: 4',
        'failed without harm to the others:',
        `  "c": 'third'`,
      ].join('\n'),
    );
  });

  it('should say of a member that failed for good, once', () => {
    const member = { task: 'web/c', error: stacked(new Error('ill')) };

    expect(textOf([], { tolerated: [member], lost: [member] })).toBe(
      'task "web/c" failed:\n  Error: ill',
    );
  });

  it('should say what was overdue as that', () => {
    const error = stacked(new OverdueError('a', 50));
    Object.assign(error, { task: 'a', grace: 50 });

    expect(textOf([{ task: 'a', error }])).toMatch(
      /^task "a" was overdue:\n {2}OverdueError: task "a" was not over/,
    );
  });

  it('should say who lived at that moment, in what state, and what became of it', () => {
    const exit = (outcome: ExitEvent['outcome']) => ({ outcome }) as ExitEvent;
    const bystanders: Bystander[] = [
      { at: 5_000, info: info({ name: 'web/server', since: 2_000 }), end: exit('stopped') },
      { at: 5_000, info: info({ since: 4_900, ready: false }), end: exit('completed') },
      { at: 5_000, info: info({ state: 'backoff', attempt: 3 }), end: exit('stopped') },
      { at: 5_000, info: info({ state: 'waiting', attempt: 0 }), end: exit('stopped') },
      {
        at: 5_000,
        info: info({ state: 'stopping', attempt: 2 }),
        overdue: true,
        end: exit('failed'),
      },
      { at: 5_000, info: info({ name: 'b', since: 9_000 }) },
    ];

    expect(textOf([{ task: 'x', error: 'broken' }], { bystanders })).toBe(
      [
        'task "x" failed:',
        "  'broken'",
        'running at that moment:',
        '  web/server  running for 3 s                stopped',
        '  a           running for 100 ms, not ready  completed',
        '  a           in backoff after attempt 3     stopped',
        '  a           waiting to start               stopped',
        '  a           stopping, attempt 2            overdue, abandoned',
        '  b           running for 0 ms               still alive',
      ].join('\n'),
    );
  });

  it('should not fill the screen', () => {
    const failures = Array.from({ length: 1_000 }, (_, n) => ({ task: `t${n}`, error: n }));
    const lines = textOf(failures)?.split('\n') ?? [];

    expect(lines).toHaveLength(54);
    expect(lines.at(-1)).toBe('  … and 949 more');
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['', "''"],
    [{ a: 1 }, '{ a: 1 }'],
    [
      Object.assign(new Error('late words'), { stack: 'Error\n    at x (/x.js:1:1)' }),
      'Error: late words\n  Error\n      at x (/x.js:1:1)',
    ],
    [Object.assign(new Error('bare'), { stack: undefined }), 'Error: bare'],
  ])('should say whatever was thrown: %p', (error, text) => {
    expect(textOf([{ task: 'a', error }])).toBe(`task "a" failed:\n  ${text}`);
  });

  it('should get along with any number of tasks', () => {
    const bystanders = Array.from({ length: 200_000 }, () => ({ at: 0, info: info({}) }));
    const text = textOf([{ task: 'a', error: stacked(new Error('one')) }], { bystanders });

    expect(text?.split('\n').at(-1)).toBe('  … and 199950 more');
  });

  it('should end with a circle of causes, and with a hostile error', () => {
    const circle = stacked(new Error('round'));
    circle.cause = circle;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();

    expect(textOf([{ task: 'a', error: circle }])).toBe(
      'task "a" failed:\n  Error: round\n  caused by Error: round',
    );
    expect(textOf([{ task: 'a', error: proxy }])).toMatch(/^task "a" failed:\n {2}\S/);
  });

  it('should let no control character through but line ends', () => {
    const error = stacked(new Error('\u001b[2Jwiped\u0007\r\nnext\ttab'));
    const text = textOf([{ task: 'a\u001b[1m', error }], {
      late: ['\u001b[2J'],
      bystanders: [{ at: 0, info: info({ name: '\u001b[2J' }) }],
    });

    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
    expect(text).toContain('wiped\ufffd\n  next\ttab');
  });
});

describe('lateText', () => {
  it('should say what was caught by nobody when all had been said', () => {
    expect(lateText(stacked(new Error('late')))).toBe(
      'thrown while everything stopped, and caught by nobody:\n  Error: late',
    );
  });
});
