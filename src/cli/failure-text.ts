import { inspect } from 'node:util';
import { sayDuration } from '../observability/say-duration.js';
import type { Report } from '../report.js';
import { isOverdue, peek, show } from '../show.js';
import type { Ending } from './exit-code.js';
import { printable } from '../observability/printable.js';
import { trimStack } from './stack.js';
import type { Bystander } from './witness.js';

/** How many lines of a kind are said. */
const MOST = 50;

/**
 * Says what has failed, for people: the task and its error with all that led to it, what failed
 * besides, and who lived at that moment, in what state, and what became of it.
 *
 * @returns Nothing if nothing has failed.
 */
export function failureText(
  report: Report,
  { lost = [], late = [] }: Pick<Ending, 'lost' | 'late'>,
  bystanders: Iterable<Bystander> = [],
): string | undefined {
  const uncaught = late.map((error) => ({ task: undefined, error }));
  const all = [...report.failures, ...uncaught];
  const [first, ...others] = all.length > 0 ? all : lost;
  if (!first) return undefined;
  const tolerated = report.tolerated.filter(({ error }) => error !== first.error);
  return [
    `${heading(first)}:`,
    indent(sayError(first.error)),
    ...section('also failed', others, sayFailures),
    ...section('failed without harm to the others', tolerated, sayFailures),
    ...section('running at that moment', [...bystanders], table),
  ].join('\n');
}

/** The same for what comes when all has been said. */
export const lateText = (error: unknown): string =>
  `${heading({ task: undefined })}:\n${indent(sayError(error))}`;

/** Of a task, or of nobody any more. */
interface Failed {
  readonly task: string | undefined;
  readonly error?: unknown;
}

const heading = ({ task, error }: Failed): string => {
  if (task === undefined) return 'thrown while everything stopped, and caught by nobody';
  return printable(`task "${task}" ${isOverdue(error) ? 'was overdue' : 'failed'}`);
};

const sayFailures = (failures: readonly Failed[]) =>
  failures.map(({ task, error }) =>
    printable(`${task === undefined ? 'caught by nobody' : `"${task}"`}: ${show(error)}`),
  );

/** There may be many more than anybody wants to read. */
function section<T>(
  title: string,
  all: readonly T[],
  say: (shown: readonly T[]) => readonly string[],
): string[] {
  if (all.length === 0) return [];
  const more = all.length - MOST;
  const lines = say(all.slice(0, MOST)).map((line) => `  ${line}`);
  return [`${title}:`, ...lines, ...(more > 0 ? [`  … and ${more} more`] : [])];
}

/** The error, its causes and its parts. */
function sayError(error: unknown, above: readonly unknown[] = []): string {
  const lines = [printable(sayItself(error))];
  if (above.includes(error) || above.length > DEPTH) return lines.join('\n');
  const inside = [...above, error];
  const parts = peek(error, 'errors');
  if (Array.isArray(parts)) {
    for (const part of parts.slice(0, MOST)) lines.push(indent(sayError(part, inside)));
  }
  const cause = peek(error, 'cause');
  if (cause !== undefined) lines.push(`caused by ${sayError(cause, inside)}`);
  return lines.join('\n');
}

const DEPTH = 10;

/** With its stack if it has one. A stack may have been made before the message was changed. */
function sayItself(error: unknown): string {
  const stack = peek(error, 'stack');
  const message = peek(error, 'message');
  if (typeof stack !== 'string' || stack === '') return show(error);
  const isWhole = typeof message !== 'string' || stack.includes(message);
  return `${isWhole ? '' : `${show(error)}\n`}${trimStack(stack)}${sayFields(error)}`;
}

const TOLD = new Set(['name', 'message', 'stack', 'cause', 'errors', 'task', 'failures', 'report']);

function sayFields(error: unknown): string {
  try {
    const fields = Object.entries(error as object).filter(([key]) => !TOLD.has(key));
    if (fields.length === 0) return '';
    return `\n    ${inspect(Object.fromEntries(fields), { depth: 1, breakLength: Infinity })}`;
  } catch {
    return '';
  }
}

function table(bystanders: readonly Bystander[]): string[] {
  const rows = bystanders.map((each) => [each.info.name, sayState(each), sayEnd(each)] as const);
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length));
  const [names, states] = [width(0), width(1)];
  return rows.map(([name, state, end]) =>
    printable(`${name.padEnd(names)}  ${state.padEnd(states)}  ${end}`),
  );
}

function sayState({ info, at }: Bystander): string {
  const since = sayDuration(Math.max(0, at - info.since));
  switch (info.state) {
    case 'waiting':
      return 'waiting to start';
    case 'backoff':
      return `in backoff after attempt ${info.attempt}`;
    case 'running':
      return `running for ${since}${info.ready ? '' : ', not ready'}`;
    case 'stopping':
      return `stopping, attempt ${info.attempt}`;
  }
}

function sayEnd({ end, overdue = false }: Bystander): string {
  if (overdue) return 'overdue, abandoned';
  if (!end) return 'still alive';
  return end.outcome;
}

const indent = (text: string) =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
