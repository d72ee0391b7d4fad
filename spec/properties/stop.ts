import { endAsked, isJoint } from './asks.js';
import { attemptsOf, dueAt, forcedAt, say } from './grammar.js';
import { type History, childrenOf } from './history.js';
import type { Fact, Happening } from './trace.js';

/** I7, I24: `stopped` when somebody asked, and only then; after `stopping` no more `start`, but by hand. */
export function stopsAreAskedFor(history: History): string[] {
  return history.lives.flatMap((life) => {
    const { exit, attempts, asked } = life;
    const found: string[] = [];
    if (exit?.outcome === 'stopped' && !endAsked(history, life))
      found.push(`I7: ${say(life)} was stopped, and nobody had asked`);
    for (const { stopping, number } of attempts) {
      if (!stopping) continue;
      const byHand = stopping.reason.type === 'restart';
      if (byHand && !isJoint(life) && !asked.some(({ what }) => what === 'restart'))
        found.push(`I24: ${say(life)} was stopped to restart, and nobody had asked`);
      if (!byHand && attempts.some((other) => other.number > number))
        found.push(`I24: ${say(life)} started again after attempt ${number} was stopping`);
    }
    return found;
  });
}

/** I24: a stop before or between attempts ends the life in the same tick, and it starts no more. */
export function idleStopsAreImmediate({ lives }: History): string[] {
  return lives.flatMap((life) =>
    life.asked.flatMap(({ what, before, at }) => {
      const info = before.get(life.id);
      const idle = info?.state === 'backoff' || info?.state === 'waiting';
      if ((what !== 'stop' && what !== 'unsubscribe') || !idle) return [];
      const { exit, attempts } = life;
      const found: string[] = [];
      if (exit?.at !== at)
        found.push(
          `I24: ${say(life)} was stopped in ${info.state} at ${at}, and ended at ${exit?.at ?? 'never'}`,
        );
      if (attempts.some(({ number }) => number > info.attempt))
        found.push(`I24: ${say(life)} was stopped in ${info.state}, and started again`);
      return found;
    }),
  );
}

/** I25: what was asked to stop is over after `grace`, whatever it does; and what ended is closed after that. */
export function endingsAreBounded(history: History): string[] {
  return attemptsOf(history).flatMap((attempt) => {
    const { close, life, number, overdue } = attempt;
    const due = Math.min(dueAt(history, attempt), forcedAt(history));
    const found: string[] = [];
    // A member's restart is told when all that restart with it have stopped.
    const isHeld = isJoint(life) && close && !overdue && life.actor.inside === 'group';
    if (close && close.at > due && !isHeld)
      found.push(
        `I25: attempt ${number} of ${say(life)} should have been over at ${due}, and was at ${close.at}`,
      );
    if (close && !overdue && !isJoint(life) && !isNested(history)) {
      const before = attempt.facts.filter(({ nth }) => nth < history.nthOf(close));
      if (count(before, 'teardown over') < count(before, 'teardown added'))
        found.push(`I25: attempt ${number} of ${say(life)} was closed before it was torn down`);
    }
    if (overdue && close && overdue.at !== close.at)
      found.push(`I25: ${say(life)} was overdue at ${overdue.at} and closed at ${close.at}`);
    return found;
  });
}

/** I26: the first reason is kept, in the report and in every life. */
export function firstReasonsAreKept({ trace, shutdown, down, lives, log }: History): string[] {
  const found: string[] = [];
  const first = trace.find((each) => each.fact === 'asked' && each.what === 'shutdown');
  const fatal = log.find((event) => event.type === 'exit' && event.fatal);
  const reason = shutdown?.reason;
  if (reason?.type === 'shutdown' && first?.fact === 'asked' && reason.message !== first.message)
    found.push(
      `I26: the reason of the shutdown is "${reason.message ?? ''}", not "${first.message ?? ''}"`,
    );
  if (reason?.type === 'failure' && !fatal)
    found.push('I26: a failure stopped the runner that nobody was told of');
  if (down && down.report.reason !== reason) found.push('I26: the report has another reason');
  for (const life of lives) {
    for (const { stopping } of life.attempts) {
      if (stopping?.reason.type !== 'stop') continue;
      const [asked] = life.asked.filter(({ what }) => what === 'stop');
      if (stopping.reason.message !== asked?.message)
        found.push(
          `I26: ${say(life)} was stopped for "${stopping.reason.message ?? ''}", not "${asked?.message ?? ''}"`,
        );
    }
  }
  return found;
}

/** I28: the runner is down in time, and its stragglers are those whose payload is not over by then. */
export function shutdownIsBounded(history: History): string[] {
  const { down, shutdown, run, nthOf } = history;
  if (!down || !shutdown) return ['I28: the runner never went down'];
  const found: string[] = [];
  if (down.at > forcedAt(history))
    found.push(`I28: down at ${down.at}, not by ${forcedAt(history)}`);
  if (run.downBy <= nthOf(down)) found.push('I28: it was not down in the frame of its timeout');
  const end = nthOf(down);
  const told = down.report.stragglers.map(({ task }) => task);
  const sure: string[] = [];
  const unsure: string[] = [];
  for (const { facts, turn, life, overdue } of attemptsOf(history)) {
    if (!overdue) continue;
    const done = facts.filter(({ nth }) => nth < end);
    const sourceEnd = turn?.source === 'none' ? -1 : (done.find(endsSource)?.nth ?? Infinity);
    const added = done.filter(({ fact, nth }) => fact === 'teardown added' && nth < sourceEnd);
    const torn = count(done, 'teardown over');
    const isLed = turn?.actor.task.members ?? turn?.actor.task.source;
    // A teardown that was added after the end may or may not have been waited for.
    if (
      isLed ??
      (sourceEnd < Infinity && torn >= added.length && torn < count(done, 'teardown added'))
    )
      unsure.push(life.actor.name);
    else if (sourceEnd === Infinity || torn < added.length) sure.push(life.actor.name);
  }
  for (const name of new Set([...told, ...sure])) {
    const times = (names: readonly string[]) => names.filter((each) => each === name).length;
    const missing = times(sure) - times(told);
    if (missing > 0 || -missing > times(unsure))
      found.push(`I28: "${name}" is ${times(told)} times a straggler, not ${times(sure)}`);
  }
  return found;
}

const endsSource = (each: Happening) => each.fact === 'ended' || each.fact === 'finalized';

/** I29: teardowns run last in first out, once each, those of children before their parent's. */
export function teardownsAreOrdered(history: History): string[] {
  return attemptsOf(history).flatMap((attempt) => {
    const { life, number, facts } = attempt;
    const who = `attempt ${number} of ${say(life)}`;
    const found: string[] = [];
    const waiting: number[] = [];
    for (const each of facts) {
      if (each.fact === 'teardown added') waiting.push(each.which);
      if (each.fact !== 'teardown began') continue;
      const next = waiting.pop();
      if (next !== each.which)
        found.push(`I29: ${who} ran teardown ${each.which} when ${next ?? 'none'} was next`);
    }
    if (waiting.length > 0) found.push(`I29: ${who} never ran its teardowns ${waiting.join()}`);
    const first = facts.find(({ fact }) => fact === 'teardown began');
    for (const child of first ? childrenOf(history, attempt) : []) {
      const late = (child.exit ? history.nthOf(child.exit) : Infinity) > first!.nth;
      const told = child.exit && history.trace[first!.nth - 1];
      if (late && told && !isNested(history))
        found.push(`I29: ${who} was torn down before its child ${say(child)}`);
    }
    return found;
  });
}

/** Whether events may have been told later than things happened: someone acts while they are delivered. */
const isNested = ({ run }: History) => run.program.meddlers.length > 0;

/** I30: the signal aborts once, for the reason told, before any teardown; never when the attempt ended by itself. */
export function signalsAbortOnce(history: History): string[] {
  return attemptsOf(history).flatMap(({ life, number, facts, turn, stopping }) => {
    if (!turn?.signal) return [];
    const who = `attempt ${number} of ${say(life)}`;
    const aborts = facts.filter((each) => each.fact === 'aborted');
    const found: string[] = [];
    const [abort] = aborts;
    if (aborts.length > 1) found.push(`I30: the signal of ${who} aborted ${aborts.length} times`);
    if (stopping && !abort) found.push(`I30: ${who} was stopping, and its signal did not abort`);
    if (stopping && abort && abort.reason !== stopping.reason)
      found.push(`I30: the signal of ${who} aborted for another reason`);
    if (!stopping && abort && abort.reason.type !== 'failure')
      found.push(
        `I30: the signal of ${who} aborted (${abort.reason.type}) though it was not stopping`,
      );
    const first = facts.find(({ fact }) => fact === 'teardown began' || fact === 'finalized');
    if (abort && first && first.nth < abort.nth)
      found.push(`I30: ${who} was torn down before its signal aborted`);
    return found;
  });
}

const count = (facts: readonly Happening[], fact: Fact['fact']) =>
  facts.filter((each) => each.fact === fact).length;
