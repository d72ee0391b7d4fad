import type { LifecycleEvent } from '../../lifecycle/events.js';
import type { Runner } from '../../runner/runner.js';
import type { TaskInfo } from '../../runner/task-info.js';

/** What can be seen of a runner from outside. */
export type Viewed = Pick<Runner, 'events$' | 'tasks'>;

/** What only the events tell, as far as they have been told. Times in ms, on the runner's clock. */
export interface Known {
  readonly upSince?: number;
  readonly restarts: number;
  readonly isStopping: boolean;
  /** Whether it stops since there is nothing left to do. */
  readonly isDone?: boolean;
}

export const NOTHING_KNOWN: Known = { restarts: 0, isStopping: false };

/** Learns from one more event. */
export function learn(known: Known, event: LifecycleEvent): Known {
  switch (event.type) {
    case 'up':
      return { ...known, upSince: event.at };
    case 'restart':
      return { ...known, restarts: known.restarts + 1 };
    case 'shutdown':
      return { ...known, isStopping: true, isDone: event.reason.type === 'idle' };
    default:
      return known;
  }
}

/**
 * Says how many tasks are doing what: `3 running · 1 in backoff · 4 restarts`. Nothing is said of
 * what there is none of, but that nothing is running.
 */
export function sayStatus({ restarts, isStopping }: Known, tasks: readonly TaskInfo[]): string {
  const count = (state: TaskInfo['state']) =>
    tasks.filter((task) => task.origin === 'adopt' && task.state === state).length;
  const executing = tasks.filter((task) => task.origin === 'execute').length;
  return [
    isStopping ? 'shutting down' : '',
    `${count('running')} running`,
    some(count('waiting'), 'waiting'),
    some(count('backoff'), 'in backoff'),
    some(count('stopping'), 'stopping'),
    some(executing, 'executing'),
    some(restarts, restarts === 1 ? 'restart' : 'restarts'),
  ]
    .filter(Boolean)
    .join(' · ');
}

const some = (count: number, what: string) => (count > 0 ? `${count} ${what}` : '');
