import {
  EMPTY,
  type Observable,
  type SchedulerLike,
  asyncScheduler,
  auditTime,
  distinctUntilChanged,
  endWith,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  scan,
  startWith,
  switchMap,
  take,
  takeUntil,
  throttleTime,
} from 'rxjs';
import {
  type Known,
  NOTHING_KNOWN,
  type Viewed,
  learn,
  sayStatus,
} from '../status-line/say-status.js';
import type { News } from './notifier.js';

/** Between two texts at least, in ms. */
const STATUS_PACE = 1_000;
/** Between two looks at the tasks at least, in ms: there may be many, and many that start at once. */
const PACE = 50;

/**
 * Says what systemd is to be told of a runner: READY once, when all is loaded and every adopted task
 * is ready; STATUS when it has changed, at most once a second; STOPPING as the stop begins; WATCHDOG
 * again and again. Completes with the events.
 *
 * Hot, as they are: subscribe before `run()`.
 *
 * @param loaded$   Emits when all modules have been loaded.
 * @param watchdog  Between two WATCHDOGs, in ms.
 * @see   sd_notify(3)
 */
export function news(
  view: Viewed,
  loaded$: Observable<unknown>,
  watchdog?: number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<News> {
  const { events$ } = view;
  const pace = { leading: true, trailing: true };
  const areReady = () => view.tasks().every(({ origin, ready }) => origin !== 'adopt' || ready);
  const known$ = events$.pipe(scan(learn, NOTHING_KNOWN));
  const shutdown$ = known$.pipe(
    filter(({ isStopping }) => isStopping),
    take(1),
  );
  const say = (known: Known) => sayStatus(known, view.tasks());
  const ready$ = loaded$.pipe(
    take(1),
    switchMap(() => events$.pipe(startWith('loaded'))),
    throttleTime(PACE, scheduler, pace),
    filter(areReady),
    take(1),
    map((): News => ({ READY: '1' })),
    takeUntil(shutdown$),
  );
  const status$ = known$.pipe(
    auditTime(PACE, scheduler),
    throttleTime(STATUS_PACE, scheduler, pace),
    map(say),
    distinctUntilChanged(),
    map((STATUS): News => ({ STATUS })),
  );
  const stopping$ = shutdown$.pipe(map((known): News => ({ STOPPING: '1', STATUS: say(known) })));
  const alive$ = watchdog === undefined ? EMPTY : interval(watchdog, scheduler);
  return merge(stopping$, ready$, status$, alive$.pipe(map((): News => ({ WATCHDOG: '1' })))).pipe(
    takeUntil(events$.pipe(ignoreElements(), endWith('over'))),
  );
}
