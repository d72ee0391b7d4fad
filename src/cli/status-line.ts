import {
  type Observable,
  type SchedulerLike,
  asyncScheduler,
  combineLatest,
  endWith,
  ignoreElements,
  map,
  scan,
  takeUntil,
  throttleTime,
  timer,
} from 'rxjs';
import { sayDuration } from '../observability/say-duration.js';
import type { RunCommand } from './arguments.js';
import { BottomLine } from './status-line/bottom-line.js';
import {
  type Known,
  NOTHING_KNOWN,
  type Viewed,
  learn,
  sayStatus,
} from './status-line/say-status.js';

/** Between two texts at least, and at most, in ms. */
const PACE = 100;
const SECOND = 1_000;

/**
 * Says how a runner is: `▶ 3 running · 1 in backoff · 4 restarts · up 1 min 5 s`, at every event (but
 * at most ten times a second) and every second. Completes with the events.
 *
 * Hot, as they are: subscribe before `run()`.
 */
export function statusLine(
  view: Viewed,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<string> {
  const { events$ } = view;
  const known$ = events$.pipe(scan(learn, NOTHING_KNOWN));
  return combineLatest([known$, timer(0, SECOND, scheduler)]).pipe(
    throttleTime(PACE, scheduler, { leading: true, trailing: true }),
    map(([known]) => {
      const sign = known.isStopping ? '▽' : '▶';
      return `${sign} ${sayStatus(known, view.tasks())}${sayUptime(known, scheduler.now())}`;
    }),
    takeUntil(events$.pipe(ignoreElements(), endWith('over'))),
  );
}

/** What is seen of a run. */
interface Run {
  readonly runner: Viewed;
  readonly command: Pick<RunCommand, 'log' | 'logTarget'>;
}

/** The streams that may lead to a terminal. */
type Streams = Pick<NodeJS.Process, 'stderr' | 'stdout' | 'env'>;

/** Whether a run that is called so shows its status. */
export function showsStatus(
  { log, logTarget }: Run['command'],
  { stderr, env }: Streams = process,
): boolean {
  return log === 'pretty' && logTarget === 'stderr' && stderr.isTTY && env.TERM !== 'dumb';
}

/**
 * Shows how a runner is on one line of the terminal, under everything else that is written there,
 * until the runner is down: if stderr is a terminal, and the lines of lifecycle go there.
 *
 * @returns What ends it.
 */
export function showStatus({ runner, command }: Run, streams: Streams = process): () => void {
  if (!showsStatus(command, streams)) return () => undefined;
  const { stderr, stdout } = streams;
  const line = new BottomLine(stderr, stdout.isTTY ? [stdout] : []);
  // eslint-disable-next-line rxjs-x/no-ignored-error -- events never error
  const shown = statusLine(runner).subscribe((text) => {
    line.show(text);
  });
  shown.add(() => {
    line.close();
  });
  return () => {
    shown.unsubscribe();
  };
}

function sayUptime({ upSince }: Known, now: number): string {
  const seconds = upSince === undefined ? 0 : Math.round((now - upSince) / SECOND);
  return seconds > 0 ? ` · up ${sayDuration(seconds * SECOND)}` : '';
}
