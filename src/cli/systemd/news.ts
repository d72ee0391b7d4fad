import {
  EMPTY,
  type Observable,
  type SchedulerLike,
  asyncScheduler,
  auditTime,
  defer,
  distinctUntilChanged,
  endWith,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  scan,
  startWith,
  switchMap,
  take,
  takeUntil,
  tap,
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
 * is ready, or all is done; STATUS when it has changed, at most once a second; STOPPING as the stop
 * begins; WATCHDOG again and again. Completes with the events.
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
  const say = (known: Known) => sayStatus(known, view.tasks());
  return defer(() => {
    let isAwaited = false;
    const known$ = events$.pipe(scan(learn, NOTHING_KNOWN));
    const shutdown$ = known$.pipe(
      filter(({ isStopping }) => isStopping),
      take(1),
    );
    const ready$ = loaded$.pipe(
      take(1),
      tap(() => (isAwaited = true)),
      switchMap(() => events$.pipe(startWith('loaded'))),
      throttleTime(PACE, scheduler, pace),
      filter(areReady),
      take(1),
      tap(() => (isAwaited = false)),
      map((): News => READY),
      takeUntil(shutdown$),
    );
    const stopping$ = shutdown$.pipe(
      mergeMap((known): News[] => {
        const stopping = { STOPPING: '1', STATUS: say(known) };
        // All was done before anybody could say that it was ready: that was no failed start.
        return isAwaited && known.isDone ? [READY, stopping] : [stopping];
      }),
    );
    const status$ = known$.pipe(
      auditTime(PACE, scheduler),
      throttleTime(STATUS_PACE, scheduler, pace),
      map(say),
      distinctUntilChanged(),
      map((STATUS): News => ({ STATUS })),
    );
    const alive$ = watchdog === undefined ? EMPTY : interval(watchdog, scheduler);
    return merge(
      stopping$,
      ready$,
      status$,
      alive$.pipe(map((): News => ({ WATCHDOG: '1' }))),
    ).pipe(takeUntil(events$.pipe(ignoreElements(), endWith('over'))));
  });
}

const READY: News = { READY: '1' };
