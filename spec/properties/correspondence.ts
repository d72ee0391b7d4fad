import type { OrphanedValueError } from '../../src/index.js';
import { isJoint } from './asks.js';
import { attemptsOf, say } from './grammar.js';
import { type AttemptLog, type History, childrenOf } from './history.js';
import { heard, own } from './standing.js';
import type { Emitted, Ended, Happening } from './trace.js';
import { isOrphaning } from './turn.js';

/** I8: what the source did by itself is told as that, at that time, with that very error. */
export function ownEndsAreTold(history: History): string[] {
  return attemptsOf(history).flatMap((attempt) => {
    const ended = attempt.facts.find(
      (each): each is Ended & Happening => each.fact === 'ended' && own(each),
    );
    if (!ended) return [];
    const who = `attempt ${attempt.number} of ${say(attempt.life)}`;
    return ended.how === 'error'
      ? crashIsTold(attempt, ended, who)
      : completionIsTold(history, attempt, ended, who);
  });
}

function crashIsTold(
  { crash }: AttemptLog,
  { failure, at }: Ended & Happening,
  who: string,
): string[] {
  if (!crash) return [`I8: ${who} crashed at ${at}, which was not told`];
  const found: string[] = [];
  if (!Object.is(crash.error, failure?.error)) found.push(`I8: ${who} crashed with another error`);
  if (crash.at !== at) found.push(`I8: ${who} crashed at ${at}, which was told at ${crash.at}`);
  return found;
}

function completionIsTold(
  history: History,
  attempt: AttemptLog,
  { at }: Happening,
  who: string,
): string[] {
  const { crash, close, stopping, facts } = attempt;
  const failing = facts.some(
    (each) => (each.fact === 'finalized' || each.fact === 'teardown over') && each.failure,
  );
  if (crash && failing) return [];
  if (crash) return [`I8: ${who} completed at ${at}, which was told as a crash`];
  if (stopping) return [`I8: ${who} completed at ${at} and was told to be stopping`];
  if (!close) return [`I8: ${who} completed at ${at}, which was not told`];
  const waits = facts.some((each) => each.fact === 'teardown began' && each.at >= at);
  const children = childrenOf(history, attempt).length > 0;
  const found: string[] = [];
  if (!waits && !children && !isJoint(attempt.life) && close.at !== at)
    found.push(`I8: ${who} completed at ${at}, which was told at ${close.at}`);
  if (close.type === 'restart' && close.cause !== 'complete')
    found.push(`I8: ${who} completed at ${at} and restarted for another cause: ${close.cause}`);
  return found;
}

/** I8, the other way round: no crash is told that nobody had, and nobody has been stopped unasked. */
export function crashesAreReal(history: History): string[] {
  return attemptsOf(history).flatMap(({ life, number, crash, facts }) => {
    if (!crash) return [];
    const real = facts.some((each) => {
      if (each.fact === 'emitted') return isOrphan(crash.error, each);
      return 'failure' in each && each.failure && Object.is(each.failure.error, crash.error);
    });
    return real ? [] : [`I8: attempt ${number} of ${say(life)} has a crash that it did not have`];
  });
}

const isOrphan = (error: unknown, { value, takers }: Emitted) => {
  const { code, value: orphaned } = (error ?? {}) as Partial<OrphanedValueError>;
  return code === 'ERR_RXVISOR_ORPHANED_VALUE' && Object.is(orphaned, value) && takers.length === 0;
};

/** I11: a value goes to all who are subscribed, in order, or is orphaned; `undefined` is neither. */
export function valuesAreHandled(history: History): string[] {
  return attemptsOf(history).flatMap(({ life, number, facts, crash }) =>
    facts.flatMap((each) => {
      if (each.fact !== 'emitted') return [];
      const { audience, takers, asked, at } = each;
      const what = `the value that attempt ${number} of ${say(life)} emitted at ${at}`;
      const counts = takers.length > 0 || (crash && isOrphan(crash.error, each));
      if (each.value === undefined) return counts ? [`I11: ${what} counts, and is undefined`] : [];
      if (!heard(each)) return takers.length > 0 ? [`I12: ${what} was delivered all the same`] : [];
      if (audience.length > 0) {
        const same =
          audience.length === takers.length && audience.every((one, i) => one === takers[i]);
        return same
          ? []
          : [`I11: ${what} went to ${takers.length} of ${audience.length} subscribers`];
      }
      if (!isOrphaning(life.actor) || asked) return [];
      const orphaned = crash && isOrphan(crash.error, each) && crash.at === at;
      return orphaned ? [] : [`I11: ${what} was lost`];
    }),
  );
}

/** I13, I14: how a life ends for those who are subscribed. */
export function listenersSeeTheEnd({ lives, run }: History): string[] {
  return lives.flatMap(({ actor, exit }) => {
    const delivers = actor.task.terms.errors === 'deliver';
    return [...run.world.listeners].flatMap(([listener, whose]) => {
      if (whose !== actor || listener.end === 'unsubscribed') return [];
      const who = `I13: a subscriber of "${actor.name}"`;
      if (listener.late && listener.values.length > 0) return [`${who} came late and got values`];
      if (listener.end === 'none') return [`${who} saw no end`];
      const failed = exit?.outcome === 'failed' && (delivers || actor.origin === 'execute');
      if (actor.origin === 'execute' && exit?.outcome === 'stopped') {
        const { code } = (listener.end as { error?: { code?: unknown } }).error ?? {};
        return code === 'ERR_RXVISOR_CANCELLED' ? [] : [`I14: a stopped execution ended otherwise`];
      }
      if (!failed) return listener.end === 'complete' ? [] : [`${who} got an error`];
      const same = typeof listener.end === 'object' && Object.is(listener.end.error, exit.error);
      return same ? [] : [`${who} did not get the very error of its end`];
    });
  });
}

/** I14: executions concern nobody but their subscriber. */
export function executionsAreTheirSubscribers({ lives, run }: History): string[] {
  const failures = run.world.report?.failures ?? [];
  return lives.flatMap(({ actor, exit, events }) => {
    const found: string[] = [];
    if (events.some(({ origin }) => origin !== actor.origin))
      found.push(`I14: "${actor.name}" is told with another origin`);
    if (actor.origin === 'adopt') return found;
    if (exit?.fatal) found.push(`I14: the execution "${actor.name}" ended fatally`);
    const failed = failures.some(
      ({ task, error }) =>
        task === actor.name &&
        (error as { code?: unknown } | undefined)?.code !== 'ERR_RXVISOR_OVERDUE',
    );
    if (failed) found.push(`I14: the execution "${actor.name}" is among the failures`);
    return found;
  });
}
