import { describe, expect, it } from '@jest/globals';
import { NOTHING_KNOWN, learn, sayStatus } from '../../../src/cli/status-line/say-status.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import type { TaskInfo } from '../../../src/runner/task-info.js';

const task = (state: TaskInfo['state'], origin: TaskInfo['origin'] = 'adopt'): TaskInfo => ({
  ...{ id: 1, name: 'a', flavour: 'asap', origin, state },
  ...{ ready: true, attempt: 1, restarts: 0, since: 0 },
});
const events = (...types: string[]) =>
  types.map(
    (type, seq) =>
      ({ type, seq, at: seq * 10, reason: { type: 'stop' } }) as unknown as LifecycleEvent,
  );

describe('sayStatus', () => {
  it('should say that nothing is running when there is no task, and nothing more', () => {
    expect(sayStatus(NOTHING_KNOWN, [])).toBe('0 running');
  });

  it('should say how many tasks are in which state, the executions apart', () => {
    const tasks = [
      ...[task('running'), task('running'), task('waiting'), task('backoff'), task('stopping')],
      ...[task('running', 'execute'), task('stopping', 'execute')],
    ];

    expect(sayStatus(NOTHING_KNOWN, tasks)).toBe(
      '2 running · 1 waiting · 1 in backoff · 1 stopping · 2 executing',
    );
  });

  it('should say how many restarts there were, one or several', () => {
    const one = events('restart').reduce(learn, NOTHING_KNOWN);
    const three = events('restart', 'start', 'restart', 'exit', 'restart').reduce(
      learn,
      NOTHING_KNOWN,
    );

    expect(sayStatus(one, [task('running')])).toBe('1 running · 1 restart');
    expect(sayStatus(three, [task('running')])).toBe('1 running · 3 restarts');
  });

  it('should say that the runner is shutting down', () => {
    const known = events('up', 'restart', 'shutdown', 'stopping').reduce(learn, NOTHING_KNOWN);

    expect(sayStatus(known, [task('stopping')])).toBe(
      'shutting down · 0 running · 1 stopping · 1 restart',
    );
  });
});

describe('learn', () => {
  it('should learn since when the runner is up', () => {
    expect(events('other', 'up', 'start').reduce(learn, NOTHING_KNOWN)).toEqual({
      upSince: 10,
      restarts: 0,
      isStopping: false,
    });
  });
});
