import type { CrashEvent, RestartLimitError } from '../../src/index.js';
import { hurriedAt, isJoint, restartAsked, stopAsked } from './asks.js';
import { say } from './grammar.js';
import {
  type AttemptLog,
  type History,
  type LifeLog,
  childrenOf,
  completedItself,
  ownCrash,
} from './history.js';
import { type Decision, Judge, restartOf } from './judge.js';

/** I7, I10, I16, I17, I19, I20: what follows each attempt is what the policy, recomputed, says. */
export function policyIsKept(history: History): string[] {
  return history.lives.flatMap((life) => {
    const judge = new Judge(life.actor);
    return life.attempts.flatMap((attempt) => {
      const { close, overdue, stopping } = attempt;
      if (!close) return [`I1: attempt ${attempt.number} of ${say(life)} was never closed`];
      const who = `attempt ${attempt.number} of ${say(life)}`;
      const crash = ownCrash(attempt);
      const found = startIsDue(life, attempt, who);
      if (crash) found.push(...crashIsFollowed(history, attempt, crash, judge, who));
      else if (stopping) found.push(...stopIsFollowed(history, attempt, who));
      else if (completedItself(attempt))
        found.push(...completionIsFollowed(history, attempt, judge, who));
      else if (!overdue) found.push(`I8: ${who} was closed though it had not ended`);
      return [...found, ...judge.takeViolations(who)];
    });
  });
}

function crashIsFollowed(
  history: History,
  attempt: AttemptLog,
  crash: CrashEvent,
  judge: Judge,
  who: string,
): string[] {
  const { start } = attempt;
  const decision = judge.afterCrash(crash.error, crash.at, upSince(attempt));
  const found: string[] = [];
  if (crash.uptime !== crash.at - start.at) found.push(`I8: ${who} says it was up ${crash.uptime}`);
  if (crash.restarting !== (decision.type === 'restart'))
    found.push(
      `${decision.rule}: ${who} crashed, restarting: ${String(crash.restarting)}, but the policy says ${decision.type}`,
    );
  return [...found, ...decisionIsFollowed(history, attempt, decision, 'crash', who)];
}

function completionIsFollowed(
  history: History,
  attempt: AttemptLog,
  judge: Judge,
  who: string,
): string[] {
  const asked = stopAsked(history, attempt);
  const { close } = attempt;
  // Asked to stop while it was tearing down, it asks for no more.
  if (
    asked === 'yes' ||
    (asked === 'maybe' && close?.type === 'exit' && close.outcome === 'stopped')
  ) {
    const outcome = restartOf(attempt.life.actor) === 'always' ? 'stopped' : 'completed';
    return exits(attempt, outcome, who);
  }
  const decision = judge.afterCompletion(overAt(history, attempt), upSince(attempt));
  return decisionIsFollowed(history, attempt, decision, 'complete', who);
}

/** I10: restarting is followed by a restart, unless a stop came in between. */
function decisionIsFollowed(
  history: History,
  attempt: AttemptLog,
  decision: Decision,
  cause: 'crash' | 'complete',
  who: string,
): string[] {
  const { close, overdue } = attempt;
  if (decision.type === 'complete') return exits(attempt, 'completed', who);
  if (decision.type === 'fail') return failsWith(attempt, decision, who);
  const asked = stopAsked(history, attempt);
  const stopped = close?.type === 'exit' && close.outcome === 'stopped';
  if (stopped && asked !== 'no') return [];
  if (asked === 'yes') return [`I10: ${who} was asked to stop, and ${said(attempt)} followed`];
  if (overdue) return beside(attempt, who);
  if (close?.type !== 'restart')
    return [
      `${isLimit(close) ? 'I20' : decision.rule}: ${who} was not restarted: ${said(attempt)} followed`,
    ];
  const found: string[] = [];
  if (!(close.delay >= 0 && close.delay <= 2 ** 31 - 1))
    found.push(`I18: ${who} restarts after ${close.delay}`);
  const delay = restartAsked(attempt) ? 0 : decision.delay;
  if (close.cause !== cause) found.push(`I8: ${who} restarted for ${close.cause}, not ${cause}`);
  // Those that restart together wait for the delay of the first.
  if (close.delay !== delay && !isJoint(attempt.life))
    found.push(`I19: ${who} restarts after ${close.delay}, not ${delay}`);
  return found;
}

function stopIsFollowed(history: History, attempt: AttemptLog, who: string): string[] {
  const { close, overdue, stopping } = attempt;
  const asked = stopAsked(history, attempt);
  const toRestart = stopping?.reason.type === 'restart';
  const isTakenAlong = isJoint(attempt.life) && !restartAsked(attempt);
  // As in OTP: what is never restarted ends when its siblings restart.
  if (toRestart && isTakenAlong && restartOf(attempt.life.actor) === 'never')
    return exits(attempt, 'stopped', who);
  if (toRestart && asked !== 'yes') {
    if (asked === 'maybe' && close?.type === 'exit' && close.outcome === 'stopped') return [];
    if (overdue) return beside(attempt, who);
    if (close?.type === 'restart' && isJoint(attempt.life)) return [];
    const same = close?.type === 'restart' && close.cause === 'manual' && close.delay === 0;
    return same ? [] : [`I10: ${who} was to be restarted by hand, and ${said(attempt)} followed`];
  }
  return exits(attempt, 'stopped', who);
}

function exits(attempt: AttemptLog, outcome: string, who: string): string[] {
  const { close } = attempt;
  const same = close?.type === 'exit' && close.outcome === outcome;
  return same ? [] : [`I7: ${who} was to end as ${outcome}, and ${said(attempt)} followed`];
}

function failsWith(
  attempt: AttemptLog,
  decision: Decision & { type: 'fail' },
  who: string,
): string[] {
  const { close } = attempt;
  if (close?.type !== 'exit' || close.outcome !== 'failed')
    return [`${decision.rule}: ${who} was to fail for good, and ${said(attempt)} followed`];
  if (decision.limit === undefined)
    return Object.is(close.error, decision.error) ? [] : [`I8: ${who} failed with another error`];
  const { restarts, cause } = (close.error ?? {}) as Partial<RestartLimitError>;
  const same = isLimit(close) && restarts === decision.limit && Object.is(cause, decision.error);
  return same ? [] : [`I20: ${who} failed with another error than its RestartLimitError`];
}

/** Whether a life ended because its budget was spent. */
const isLimit = (close: AttemptLog['close']) => codeOf(close) === 'ERR_RXVISOR_RESTART_LIMIT';

function codeOf(close: AttemptLog['close']): unknown {
  const { error } = (close ?? {}) as { error?: unknown };
  return ((error ?? {}) as { code?: unknown }).code;
}

/** No attempt starts beside one that was abandoned. */
function beside({ close }: AttemptLog, who: string): string[] {
  const same =
    close?.type === 'exit' && close.outcome === 'failed' && codeOf(close) === 'ERR_RXVISOR_OVERDUE';
  return same
    ? []
    : [`I7: ${who} was abandoned and to be followed by another, but did not fail for that`];
}

/** I19: the next attempt starts when its delay is over, or when it's restarted by hand in between. */
function startIsDue(life: LifeLog, { number, start }: AttemptLog, who: string): string[] {
  const before = life.attempts.find((attempt) => attempt.number === number - 1);
  if (before?.close?.type !== 'restart') return [];
  const due = before.close.at + before.close.delay;
  const at = hurriedAt(before) ?? due;
  // Those that restart together wait for the delay of one of them; others for those that they start after.
  if (isJoint(life)) return [];
  if ((life.actor.member?.after.length ?? 0) > 0 && start.at >= at) return [];
  return start.at === at ? [] : [`I19: ${who} started at ${start.at}, not ${at}`];
}

/** When the attempt was over: for a member that is held, before that was told. */
function overAt(history: History, attempt: AttemptLog): number {
  if (!isJoint(attempt.life)) return attempt.close?.at ?? Infinity;
  const closed = attempt.close ? history.nthOf(attempt.close) : Infinity;
  // A source that has ended may still try to.
  const torn = attempt.facts.filter(
    (each) =>
      ((each.fact === 'ended' && each.open) ||
        each.fact === 'finalized' ||
        each.fact === 'teardown over') &&
      each.nth < closed,
  );
  const children = childrenOf(history, attempt).map(({ exit }) => exit?.at ?? 0);
  return attempt.overdue?.at ?? Math.max(0, ...torn.map(({ at }) => at), ...children);
}

const upSince = ({ ready, start, life }: AttemptLog) =>
  life.actor.task.terms.awaitReady === true && life.actor.inside !== 'pipe' ? ready?.at : start.at;

const said = ({ close }: AttemptLog) =>
  close?.type === 'exit' ? `exit ${close.outcome}` : (close?.type ?? 'nothing');
