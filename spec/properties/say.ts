import { inspect } from 'node:util';
import type { LifecycleEvent } from '../../src/index.js';
import type { Act, Command, Program, Task, Teardown } from './program.js';
import type { Happening } from './trace.js';

/** A program in words, one command a line. */
export function sayProgram({ grace, shutdownTimeout, meddlers, commands }: Program): string {
  return [
    `grace ${grace}, shutdownTimeout ${shutdownTimeout}`,
    ...meddlers.map(
      ({ sees, then }) => `an observer that at the first ${sees}: ${sayCommand(then)}`,
    ),
    ...commands.map(sayCommand),
  ].join('\n');
}

export function sayCommand(command: Command): string {
  if (command.do === 'adopt')
    return `adopt ${sayTask(command.task)}${command.watched ? ', subscribed' : ''}`;
  if (command.do === 'execute') return `execute ${sayTask(command.task)}`;
  if (command.do === 'act') return `task #${command.nth}: ${sayAct(command.act)}`;
  if (command.do === 'advance') return `advance ${command.by}`;
  if (command.do === 'misuse') return `misuse: ${command.how}`;
  return `${command.do}${'nth' in command ? ` task #${command.nth}` : ''}${'by' in command ? ` by ${command.by}` : ''}`;
}

function sayTask({ shape, scripts, terms, members, strategy, source }: Task): string {
  const given = Object.entries(terms).filter(([, value]) => value !== undefined);
  const said = given.map(([key, value]) => `${key} ${show(value)}`);
  const attempts = scripts.map(({ enters, throws, later, stops, finalizer }) =>
    [
      ...enters.map(sayAct),
      ...(throws ? [`throws ${throws}`] : []),
      ...later.map(({ after, act }) => `after ${after}: ${sayAct(act)}`),
      ...(stops
        ? [
            `when aborted, ${stops.after === 'at once' ? '' : 'after '}${stops.after}: ${sayAct(stops.act)}`,
          ]
        : []),
      ...(finalizer ? [`its finalizer throws ${finalizer}`] : []),
    ].join('; '),
  );
  const led = [
    ...(members ?? []).map(
      ({ task, after, significant }, i) =>
        `\n    m${i}${after.length > 0 ? ` after ${after.join()}` : ''}${significant ? ' (significant)' : ''}: ${sayTask(task)}`,
    ),
    ...(source ? [` of ${sayTask(source)}`] : []),
  ].join('');
  return `${shape}${strategy ? ` (${strategy})` : ''}${led} { ${attempts.join(' | then ')} } with { ${said.join(', ')} }`;
}

function sayAct(act: Act): string {
  if (act.act === 'emit') return `emits ${act.value}`;
  if (act.act === 'fail') return `fails with ${act.fault}`;
  if (act.act === 'complete') return 'completes';
  if (act.act === 'drop') return 'unsubscribes its source';
  if (act.act === 'ask') return `asks to ${act.ask}`;
  if (act.act === 'teardown') return `has a teardown (${sayTeardown(act.teardown)})`;
  if (act.act === 'ready') return 'is ready';
  return `${act.act}s ${sayTask(act.task)}${'watched' in act && act.watched ? ', subscribed' : ''}`;
}

const sayTeardown = ({ after, fault, asks }: Teardown) =>
  [
    `${after === 'at once' ? '' : 'after '}${after}`,
    ...(fault ? [`fails with ${fault}`] : []),
    ...(asks ? [`asks to ${asks}`] : []),
  ].join(', ');

/** What happened, in order; what was told is at the margin. */
export const sayTrace = (trace: readonly Happening[]): string => trace.map(sayHappening).join('\n');

export function sayHappening(each: Happening): string {
  if (each.fact === 'told') return sayEvent(each.event);
  if (each.fact === 'born')
    return `        at ${each.at} "${each.actor.name}" is adopted or executed (${each.actor.origin})`;
  if (each.fact === 'asked')
    return `        at ${each.at} ${each.message ?? each.what}${each.actor ? ` of "${each.actor.name}"` : ''}`;
  if (each.fact === 'refused')
    return `        at ${each.at} ${each.call} is refused: ${String(each.code)}`;
  const { actor, attempt } = each.turn;
  const failure = 'failure' in each && each.failure ? ` with ${show(each.failure.error)}` : '';
  const which = 'which' in each && each.fact !== 'finalized' ? ` #${each.which}` : '';
  const value =
    each.fact === 'emitted'
      ? ` ${show(each.value)} to ${each.takers.length} of ${each.audience.length}`
      : '';
  const how = each.fact === 'ended' ? ` (${each.how})` : '';
  return `        at ${each.at} "${actor.name}" ${attempt} ${each.fact}${how}${which}${value}${failure}`;
}

const KNOWN = ['seq', 'at', 'type', 'task', 'attempt', 'id', 'flavour', 'origin'];

export function sayEvent(event: LifecycleEvent): string {
  const { seq, at, type } = event;
  const rest = Object.entries(event).filter(([key]) => !KNOWN.includes(key));
  const who = 'task' in event ? ` "${event.task}" ${event.attempt}` : '';
  return `${String(seq).padStart(3)} at ${at} ${type}${who} ${sayData(Object.fromEntries(rest))}`;
}

function sayData(data: object): string {
  const parts = Object.entries(data).map(([key, value]) => `${key} ${show(value)}`);
  return parts.length > 0 ? `{ ${parts.join(', ')} }` : '';
}

/** In one line, two levels deep, and without the stacks of errors: the same each time. */
function show(value: unknown, depth = 2): string {
  if (typeof value !== 'object' || value === null) return inspect(value);
  const { name, message } = value as Partial<Error>;
  if (name !== undefined && message !== undefined) return `${name}: ${message}`;
  if (Array.isArray(value) && value.length === 0) return '[]';
  if (depth === 0) return Array.isArray(value) ? '[…]' : '{…}';
  const parts = Object.entries(value).map(
    ([key, part]) => (Array.isArray(value) ? '' : `${key}: `) + show(part, depth - 1),
  );
  return Array.isArray(value) ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
}
