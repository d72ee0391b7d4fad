import type { LifecycleEvent, TaskEvent } from '../../src/index.js';
import { type AttemptLog, type History, type LifeLog, childrenOf } from './history.js';

const LIFE =
  /^(start( (ready|crash|stopping|overdue))* restart )*(start( (ready|crash|stopping|overdue))* )?exit $/;

/** I1: `(start … restart)* (start …)? exit`, and within an attempt each at most once. */
export function livesAreGrammatical({ lives }: History): string[] {
  return lives.flatMap((life) => {
    const words = life.events.map(({ type }) => `${type} `).join('');
    const found = LIFE.test(words) ? [] : [`I1: the life of ${say(life)} is "${words}"`];
    for (const attempt of life.attempts) found.push(...twice(life, attempt));
    return found;
  });
}

function twice(life: LifeLog, { start, number, overdue, close }: AttemptLog): string[] {
  const own = life.events.filter(({ seq }) => seq > start.seq && seq < (close?.seq ?? Infinity));
  const types = own.map(({ type }) => type);
  const found = ['ready', 'crash', 'stopping', 'overdue']
    .filter((type) => types.filter((each) => each === type).length > 1)
    .map((type) => `I1: attempt ${number} of ${say(life)} was told to be ${type} twice`);
  const late = overdue && own.some(({ type, seq }) => type === 'crash' && seq > overdue.seq);
  if (late) found.push(`I1: attempt ${number} of ${say(life)} crashed after it was overdue`);
  return found;
}

/** I2: attempts count 1, 2, 3… by `start`, and every event carries the one it speaks of. */
export function attemptsAreCounted({ lives }: History): string[] {
  return lives.flatMap((life) => {
    let number = 0;
    return life.events.flatMap(({ type, attempt, seq }) => {
      if (type === 'start') number++;
      if (attempt === number) return [];
      return [
        `I2: event ${seq} (${type} of ${say(life)}) speaks of attempt ${attempt}, not ${number}`,
      ];
    });
  });
}

/** I3: `seq` has no gap and `at` never goes back, for every observer. */
export function eventsAreInOrder({ log, run }: History): string[] {
  const found: string[] = [];
  log.forEach(({ seq, at }, i) => {
    if (seq !== i + 1) found.push(`I3: event ${i + 1} has seq ${seq}`);
    if (at < (log[i - 1]?.at ?? -Infinity)) found.push(`I3: event ${seq} goes back to ${at}`);
  });
  for (const { seen, from } of run.world.observers) {
    const same = log.slice(log.length - seen.length).every((event, i) => event === seen[i]);
    if (!same) found.push(`I3: a second observer saw ${sayAll(seen)}`);
    if (seen.length + 1 < log.length - from) found.push(`I3: a second observer missed something`);
  }
  return found;
}

/** I4: `ready` only before the end of the attempt; `overdue` exactly `grace` after that began and its children were done. */
export function overdueIsExact(history: History): string[] {
  return attemptsOf(history).flatMap((attempt) => {
    const { ready, crash, stopping, overdue, life } = attempt;
    const found: string[] = [];
    const end = Math.min(crash?.seq ?? Infinity, stopping?.seq ?? Infinity);
    if (ready && ready.seq > end) found.push(`I4: ${say(life)} got ready after its end had begun`);
    if (!overdue) return found;
    const due = dueAt(history, attempt);
    const forced = forcedAt(history);
    if (overdue.at !== due && overdue.at !== forced)
      found.push(`I4: ${say(life)} was overdue at ${overdue.at}, not ${due} (or ${forced})`);
    return found;
  });
}

/** When an attempt whose end has begun is overdue, or `Infinity`. */
export function dueAt(history: History, attempt: AttemptLog): number {
  const began = endBeganAt(attempt);
  const children = childrenOf(history, attempt).map(({ exit }) => exit?.at ?? Infinity);
  return Math.max(began, ...children) + graceOf(history, attempt.life);
}

export const graceOf = ({ run }: History, { actor }: LifeLog): number =>
  actor.task.terms.grace ?? run.program.grace;

/** When the attempt was asked to stop, crashed or completed, whichever came first. */
export function endBeganAt({ crash, stopping, facts }: AttemptLog): number {
  const own = facts.find((each) => each.fact === 'ended' && each.living && !each.asked);
  return Math.min(crash?.at ?? Infinity, stopping?.at ?? Infinity, own?.at ?? Infinity);
}

/** When the runner gave up waiting. */
export const forcedAt = ({ shutdown, run }: History): number =>
  (shutdown?.at ?? Infinity) + run.program.shutdownTimeout;

/** I5: `up`, `shutdown`, `down` at most once, nothing starts after `shutdown`, nothing follows `down`. */
export function runnerIsGrammatical({ log, run, shutdown, down }: History): string[] {
  const found = ['up', 'shutdown', 'down']
    .filter((word) => log.filter(({ type }) => type === word).length > 1)
    .map((word) => `I5: ${word} was told twice`);
  const late = log.find(({ type, seq }) => type === 'start' && seq > (shutdown?.seq ?? Infinity));
  if (late) found.push(`I5: event ${late.seq} is a start after the shutdown`);
  if (!down || down !== log.at(-1))
    found.push(`I5: the last event is ${log.at(-1)?.type ?? 'none'}`);
  if (!run.world.completed) found.push('I5: events$ did not complete');
  if (run.world.observers.some(({ completed }) => !completed))
    found.push('I5: events$ did not complete for a second observer');
  return found;
}

/** I6: events are frozen and plain. */
export function eventsAreFrozen({ log }: History): string[] {
  return log
    .filter((event) => !Object.isFrozen(event) || Object.getPrototypeOf(event) !== Object.prototype)
    .map(({ seq }) => `I6: event ${seq} is not a frozen plain object`);
}

/** I35: a child lives within its parent's attempt, under its name; names of the living are unique. */
export function childrenLiveInside(history: History): string[] {
  const found: string[] = [];
  const open = new Map<string, number>();
  for (const event of history.log) {
    if (!('task' in event)) continue;
    const other = open.get(event.task);
    if (other !== undefined && other !== event.id)
      found.push(`I35: event ${event.seq}: two living tasks are called "${event.task}"`);
    open.set(event.task, event.id);
    if (event.type === 'exit') open.delete(event.task);
  }
  for (const attempt of attemptsOf(history)) {
    for (const child of childrenOf(history, attempt)) {
      if (!child.actor.name.startsWith(`${attempt.life.actor.name}/`))
        found.push(`I35: ${say(child)} is a child of ${say(attempt.life)}`);
      if ((child.exit?.seq ?? Infinity) > (attempt.close?.seq ?? Infinity))
        found.push(`I35: ${say(child)} outlived attempt ${attempt.number} of ${say(attempt.life)}`);
    }
  }
  return found;
}

export const attemptsOf = ({ lives }: History): AttemptLog[] =>
  lives.flatMap(({ attempts }) => attempts);

export const say = ({ actor }: LifeLog): string => `"${actor.name}"`;

const sayAll = (events: readonly LifecycleEvent[]) =>
  events
    .map((event) => `${event.seq} ${event.type} ${(event as Partial<TaskEvent>).task ?? ''}`)
    .join(', ');
