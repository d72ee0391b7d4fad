import type { Report, StopReason } from '../report.js';
import { peek, sayReason, show } from '../show.js';
import type {
  CrashEvent,
  ExitEvent,
  LifecycleEvent,
  RestartEvent,
  StartEvent,
} from '../lifecycle/events.js';
import { oneLine } from './printable.js';
import { sayDuration } from './say-duration.js';

/** Puts what happened in plain words: `crashed after 1.2 s: Error: connection lost (will restart)`. */
export function sayEvent(event: LifecycleEvent): string {
  switch (event.type) {
    case 'up':
      return 'up';
    case 'start':
      return sayStart(event);
    case 'ready':
      return 'ready';
    case 'crash':
      return sayCrash(event);
    case 'stopping':
      return `stopping: ${saySource(event.reason)}`;
    case 'overdue':
      return `overdue: not over within ${sayDuration(event.grace)}, abandoned`;
    case 'restart':
      return sayRestart(event);
    case 'exit':
      return sayExit(event);
    case 'backend-down':
      return `down: ${sayError(event.error)}`;
    case 'backend-up':
      return 'up again';
    case 'shutdown':
      return `shutting down: ${saySource(event.reason)}`;
    case 'down':
      return sayDown(event.report);
  }
}

const sayStart = ({ attempt }: StartEvent) =>
  attempt === 1 ? 'started' : `started, attempt ${attempt}`;

const sayCrash = ({ uptime, error, restarting }: CrashEvent) =>
  `crashed after ${sayDuration(uptime)}: ${sayError(error)} (${restarting ? 'will restart' : 'for good'})`;

const CAUSES = {
  crash: '',
  complete: ', as it had completed',
  manual: ', by hand',
  sibling: ', with a sibling',
};

const sayRestart = ({ delay, cause }: RestartEvent) =>
  `restarting ${delay === 0 ? 'at once' : `in ${sayDuration(delay)}`}${CAUSES[cause]}`;

function sayExit(event: ExitEvent): string {
  const failure = 'error' in event ? `: ${sayError(event.error)}` : '';
  return `${event.outcome}${failure}${event.fatal ? ' (fatal)' : ''}`;
}

function sayDown({ uptime, counts, failures, stragglers }: Report): string {
  const parts = [
    `${counts.completed} completed`,
    `${counts.stopped} stopped`,
    `${counts.failed} failed`,
    ...(failures.length > 0 ? [`first failure: "${failures[0]?.task ?? ''}"`] : []),
    ...(stragglers.length > 0
      ? [`still alive: ${stragglers.map((s) => `"${s.task}"`).join(', ')}`]
      : []),
  ];
  return `down after ${sayDuration(uptime)}: ${oneLine(parts.join(', '))}`;
}

/** An error, and what it all began with: `TypeError: fetch failed, caused by Error: connect ECONNREFUSED …`. */
function sayError(error: unknown): string {
  const origin = originOf(error);
  return oneLine(origin === error ? show(error) : `${show(error)}, caused by ${show(origin)}`);
}

/** The innermost cause: a few levels are enough, and one may go in a circle. */
function originOf(error: unknown): unknown {
  let origin = error;
  for (let level = 0; level < 10; level++) {
    const cause = peek(origin, 'cause');
    if (cause === undefined || cause === error) break;
    origin = cause;
  }
  return origin;
}

/** A task that is stopped as its parent is: what the parent is stopped for says more. */
function saySource(reason: StopReason): string {
  const { type, cause } = reason;
  if (type === 'parent' && isReason(cause)) return saySource(cause);
  if (type === 'failure' && 'cause' in reason) return `failure (${sayError(cause)})`;
  return oneLine(sayReason(reason));
}

const isReason = (cause: unknown): cause is StopReason =>
  typeof cause === 'object' && cause !== null && typeof (cause as StopReason).type === 'string';
