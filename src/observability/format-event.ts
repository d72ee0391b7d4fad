import type { LifecycleEvent } from '../lifecycle/events.js';
import { type Checks, aBoolean, aFunction, checkOptions, duration } from '../task/check.js';
import { oneLine } from './printable.js';
import { sayEvent } from './say-event.js';

/** How a line of lifecycle looks. */
export interface FormatOptions {
  /** Whether to colour it, with ANSI escapes. @default false */
  readonly colours?: boolean;
  /** Width of the column with the task's path, in characters; a longer path isn't cut. @default 0 */
  readonly width?: number;
  /** Renders the time, given the event's `at` in ms; an empty string leaves it out. @default the wall clock, `09:41:07.123` */
  readonly time?: (at: number) => string;
}

export const FORMAT_CHECKS: Checks<FormatOptions> = {
  colours: aBoolean,
  width: duration,
  time: aFunction,
};

/**
 * Renders an event as one line for people: time, sign, path of the task, what happened in plain words.
 *
 *   09:41:07.123 ✖ web/poller  crashed after 1.2 s: Error: connection lost (will restart)
 *   09:41:07.124 ↻ web/poller  restarting in 2 s
 *
 * A pure function. Whatever an error's message holds, the result is one line without control characters.
 *
 * @throws {@link InvalidOptionError}
 */
export function formatEvent(event: LifecycleEvent, options: FormatOptions = {}): string {
  checkOptions(options, FORMAT_CHECKS);
  return renderEvent(event, options);
}

/** The same, for options that have been checked. */
export function renderEvent(event: LifecycleEvent, options: FormatOptions): string {
  const { colours = false, width = 0, time = wallClock } = options;
  const [sign, colour] = looks(event);
  const paint = (code: number, text: string) =>
    colours && text && code !== PLAIN ? `\u001b[${code}m${text}\u001b[0m` : text;
  const columns = [
    paint(DIM, time(event.at)),
    paint(colour, sign),
    paint(BOLD, subject(event).padEnd(width)) + ' ',
    paint(LOUD.has(colour) ? colour : PLAIN, sayEvent(event)),
  ];
  return columns.filter(Boolean).join(' ');
}

/** Of whom the event speaks, in one line. */
export function subject(event: LifecycleEvent): string {
  if ('task' in event) return oneLine(event.task);
  return 'backend' in event ? `backend ${oneLine(event.backend)}` : 'runner';
}

const PLAIN = 0;
const BOLD = 1;
const DIM = 2;
const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const CYAN = 36;
const LOUD = new Set([RED, YELLOW]);

function looks(event: LifecycleEvent): readonly [sign: string, colour: number] {
  if (event.type === 'exit') return OUTCOMES[event.outcome];
  return SIGNS[event.type];
}

const SIGNS = {
  up: ['▲', CYAN],
  start: ['▶', CYAN],
  ready: ['●', GREEN],
  crash: ['✖', RED],
  stopping: ['◼', DIM],
  overdue: ['!', RED],
  restart: ['↻', YELLOW],
  'backend-down': ['✖', RED],
  'backend-up': ['●', GREEN],
  shutdown: ['▽', CYAN],
  down: ['▼', CYAN],
} as const;

const OUTCOMES = {
  completed: ['✔', GREEN],
  stopped: ['■', DIM],
  failed: ['✖', RED],
} as const;

function wallClock(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
