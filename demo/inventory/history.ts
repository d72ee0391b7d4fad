import type { Observable } from 'rxjs';
import type { LifecycleEvent } from 'rxvisor';

/** Whether it's about a job: there are as many tasks of them as there are batches. */
export const isOfJob = (event: LifecycleEvent): boolean =>
  'task' in event && event.task.startsWith('job:');

/** What a runner has told, counted. */
export interface History {
  readonly events: Map<string, number>;
  /** Restarts of each adopted task that is no job, in the order in which they started. */
  readonly restarts: Map<string, number>;
}

export function countEvents(events$: Observable<LifecycleEvent>): History {
  const history: History = { events: new Map(), restarts: new Map() };
  events$.subscribe((event) => {
    add(history.events, event.type, 1);
    if ('task' in event && event.origin === 'adopt' && !isOfJob(event)) {
      add(history.restarts, event.task, event.type === 'restart' ? 1 : 0);
    }
  });
  return history;
}

const add = (counts: Map<string, number>, key: string, n: number) =>
  counts.set(key, (counts.get(key) ?? 0) + n);
