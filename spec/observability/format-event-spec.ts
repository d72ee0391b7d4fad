import { describe, expect, it } from '@jest/globals';
import { InvalidOptionError } from '../../src/errors.js';
import type { Report } from '../../src/report.js';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { formatEvent } from '../../src/observability/format-event.js';

const AT = new Date(2026, 0, 2, 9, 41, 7, 23).getTime();
const told = { seq: 7, at: AT };
const ofTask = {
  ...told,
  task: 'web/poller',
  id: 3,
  flavour: 'asap',
  attempt: 1,
  origin: 'adopt',
} as const;
const report: Report = {
  reason: { type: 'idle' },
  failures: [],
  tolerated: [],
  stragglers: [],
  counts: { completed: 12, stopped: 3, failed: 1 },
  uptime: 4_200,
};
const failure = { type: 'failure', cause: new TypeError('no such thing') } as const;
const signal = { type: 'signal', signal: 'SIGINT' } as const;

const render = (event: LifecycleEvent) => formatEvent(event, { time: () => '' });

describe('formatEvent', () => {
  it.each<[string, LifecycleEvent]>([
    ['▲ runner  up', { ...told, type: 'up' }],
    ['▶ web/poller  started', { ...ofTask, type: 'start' }],
    ['▶ web/poller  started, attempt 3', { ...ofTask, type: 'start', attempt: 3 }],
    ['● web/poller  ready', { ...ofTask, type: 'ready' }],
    [
      '✖ web/poller  crashed after 1.2 s: Error: gone (will restart)',
      { ...ofTask, type: 'crash', error: new Error('gone'), uptime: 1_234, restarting: true },
    ],
    [
      "✖ web/poller  crashed after 0 ms: 'gone' (for good)",
      { ...ofTask, type: 'crash', error: 'gone', uptime: 0, restarting: false },
    ],
    [
      '↻ web/poller  restarting in 2 s',
      { ...ofTask, type: 'restart', delay: 2_000, cause: 'crash' },
    ],
    [
      '↻ web/poller  restarting in 30 s, as it had completed',
      { ...ofTask, type: 'restart', delay: 30_000, cause: 'complete' },
    ],
    [
      '↻ web/poller  restarting at once, by hand',
      { ...ofTask, type: 'restart', delay: 0, cause: 'manual' },
    ],
    [
      '↻ web/poller  restarting in 500 ms, with a sibling',
      { ...ofTask, type: 'restart', delay: 500, cause: 'sibling' },
    ],
    [
      '◼ web/poller  stopping: stop (deploying)',
      { ...ofTask, type: 'stopping', reason: { type: 'stop', message: 'deploying' } },
    ],
    ['◼ web/poller  stopping: parent', { ...ofTask, type: 'stopping', reason: { type: 'parent' } }],
    [
      '! web/poller  overdue: not over within 5 s, abandoned',
      { ...ofTask, type: 'overdue', grace: 5_000 },
    ],
    [
      '✖ backend mails  down: Error: connect ECONNREFUSED',
      { ...told, type: 'backend-down', backend: 'mails', error: new Error('connect ECONNREFUSED') },
    ],
    ['● backend mails  up again', { ...told, type: 'backend-up', backend: 'mails' }],
    ['✔ web/poller  completed', { ...ofTask, type: 'exit', outcome: 'completed', fatal: false }],
    ['■ web/poller  stopped', { ...ofTask, type: 'exit', outcome: 'stopped', fatal: false }],
    [
      '✖ web/poller  failed: Error: gone',
      { ...ofTask, type: 'exit', outcome: 'failed', error: new Error('gone'), fatal: false },
    ],
    [
      '✖ web/poller  failed: undefined (fatal)',
      { ...ofTask, type: 'exit', outcome: 'failed', error: undefined, fatal: true },
    ],
    ['▽ runner  shutting down: signal SIGINT', { ...told, type: 'shutdown', reason: signal }],
    [
      '▽ runner  shutting down: failure (TypeError: no such thing)',
      { ...told, type: 'shutdown', reason: failure },
    ],
    [
      '▼ runner  down after 4.2 s: 12 completed, 3 stopped, 1 failed',
      { ...told, type: 'down', report },
    ],
  ])('should say "%s"', (line, event) => {
    expect(render(event)).toBe(line);
  });

  it('should say what a parent is stopped for rather than that it is stopped', () => {
    const reason = { type: 'parent', cause: { type: 'parent', cause: signal } } as const;

    expect(render({ ...ofTask, type: 'stopping', reason })).toBe(
      '◼ web/poller  stopping: signal SIGINT',
    );
  });

  it('should name the first failure and everybody who is still alive at the end', () => {
    const failures = ['a', 'b'].map((task) => ({ task, error: new Error(task) }));
    const stragglers = ['c', 'd'].map((task) => ({ task, flavour: 'asap', age: 5 }));

    expect(render({ ...told, type: 'down', report: { ...report, failures, stragglers } })).toBe(
      '▼ runner  down after 4.2 s: 12 completed, 3 stopped, 1 failed, first failure: "a", still alive: "c", "d"',
    );
  });

  it('should say with an error what it all began with', () => {
    const refused = new Error('connect ECONNREFUSED');
    const failed = new TypeError('fetch failed', { cause: new Error('no', { cause: refused }) });
    const circle = new Error('a circle');
    circle.cause = new Error('inside', { cause: circle });

    const crash = { ...ofTask, type: 'crash', uptime: 36, restarting: true } as const;
    expect(render({ ...crash, error: failed })).toBe(
      '✖ web/poller  crashed after 36 ms: TypeError: fetch failed, caused by Error: connect ECONNREFUSED (will restart)',
    );
    expect(render({ ...crash, error: circle })).toContain('caused by Error: inside (will');
  });

  it('should keep whatever a message holds on one line and out of the terminal', () => {
    const error = new Error('two\n  lines and \u001b[2J a cleared screen');
    const line = render({ ...ofTask, type: 'crash', error, uptime: 0, restarting: false });

    expect(line).toBe(
      '✖ web/poller  crashed after 0 ms: Error: two lines and \ufffd[2J a cleared screen (for good)',
    );
  });

  it('should begin with the wall clock', () => {
    expect(formatEvent({ ...ofTask, type: 'ready' })).toBe('09:41:07.023 ● web/poller  ready');
  });

  it('should render the time as it is told to', () => {
    const time = (at: number) => `+${at - AT}`;

    expect(formatEvent({ ...ofTask, type: 'ready' }, { time })).toBe('+0 ● web/poller  ready');
  });

  it('should keep whatever a name holds on one line and out of the terminal', () => {
    const task = 'a\n \u001b[2Jb';
    const failures = [{ task, error: new Error('boom') }];

    expect(formatEvent({ ...ofTask, task, type: 'ready' }, { time: () => '' })).toBe(
      '● a \ufffd[2Jb  ready',
    );
    expect(render({ ...told, type: 'down', report: { ...report, failures } })).toContain(
      'first failure: "a \ufffd[2Jb"',
    );
  });

  it('should pad the path to a width and not cut a longer one', () => {
    const event = { ...ofTask, type: 'ready' } as const;
    const time = () => '';

    expect(formatEvent(event, { time, width: 12 })).toBe('● web/poller    ready');
    expect(formatEvent(event, { time, width: 3 })).toBe('● web/poller  ready');
  });

  it('should colour when asked, and change nothing else by it', () => {
    const event = { ...ofTask, type: 'overdue', grace: 1 } as const;
    const coloured = formatEvent(event, { colours: true });

    expect(coloured).toContain('\u001b[31m!\u001b[0m');
    // eslint-disable-next-line no-control-regex -- the escapes are what is taken out
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(formatEvent(event));
    expect(formatEvent(event)).not.toContain('\u001b');
  });

  it('should throw for an option that does not exist or cannot be', () => {
    const event = { ...told, type: 'up' } as const;

    expect(() => formatEvent(event, { color: true } as never)).toThrow(InvalidOptionError);
    expect(() => formatEvent(event, { width: -1 })).toThrow(InvalidOptionError);
  });
});
