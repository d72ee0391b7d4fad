import type { RestartEvent } from '../../src/index.js';
import { forcedAt, say } from './grammar.js';
import { type AttemptLog, type History, type LifeLog, childrenOf } from './history.js';
import type { Ended, Happening } from './trace.js';

/** One attempt of a group, with the lives of its members in list order. */
interface GroupAttempt {
  readonly attempt: AttemptLog;
  readonly members: readonly LifeLog[];
}

function groupsOf(history: History): GroupAttempt[] {
  return history.lives
    .filter(({ actor }) => actor.task.members)
    .flatMap(({ attempts }) => attempts)
    .map((attempt) => ({
      attempt,
      members: childrenOf(history, attempt)
        .filter(({ actor }) => actor.inside === 'group')
        .sort((a, b) => a.id - b.id),
    }));
}

const who = ({ attempt }: GroupAttempt) => `attempt ${attempt.number} of ${say(attempt.life)}`;

/** I32: a group completes when every member has ended, and errors only for a significant one, its siblings ended first. */
export function groupsEndWithTheirMembers(history: History): string[] {
  return groupsOf(history).flatMap((one) => {
    const { attempt, members } = one;
    const ended = attempt.facts.find((each): each is Ended & Happening => each.fact === 'ended');
    const found: string[] = [];
    if (ended) {
      const left = members.filter(({ exit }) => !exit || history.nthOf(exit) > ended.nth);
      if (left.length > 0 && history.run.program.meddlers.length === 0)
        found.push(`I32: ${who(one)} ended before ${left.map(say).join()}`);
    }
    const significant = members.filter(
      ({ actor, exit }) => actor.member?.significant === true && exit?.outcome === 'failed',
    );
    if (ended?.how === 'error') {
      const same = significant.some(({ exit }) => Object.is(exit?.error, ended.failure?.error));
      if (!same)
        found.push(`I32: ${who(one)} failed, and no significant member did with that error`);
    }
    if (ended?.how === 'complete' && significant.length > 0)
      found.push(`I32: ${who(one)} completed though ${significant.map(say).join()} failed`);
    const over = members.length > 0 && members.every(({ exit }) => exit);
    if (over && !ended && !attempt.stopping && !attempt.overdue)
      found.push(`I32: every member of ${who(one)} ended, and it did not`);
    return found;
  });
}

/** I33: members stop in reverse of the order in which they first started, each when the one before is over. */
export function membersStopInReverse(history: History): string[] {
  return groupsOf(history).flatMap((one) => {
    const { members } = one;
    return members.flatMap((earlier) =>
      members.flatMap((later) => {
        const first = earlier.attempts[0]?.start.seq ?? Infinity;
        if (later === earlier || (later.attempts[0]?.start.seq ?? Infinity) < first) return [];
        const stop = earlier.attempts.find(
          ({ stopping }) =>
            stopping?.reason.type === 'parent' || stopping?.reason.type === 'failure',
        )?.stopping;
        if (!stop || stop.at === forcedAt(history)) return [];
        const inOrder = (later.exit?.seq ?? Infinity) < stop.seq;
        return inOrder ? [] : [`I33: ${say(earlier)} was stopped before ${say(later)} was over`];
      }),
    );
  });
}

/** I34: a member starts when those it starts after are ready or have completed; never when one failed or was stopped. */
export function dependenciesAreKept(history: History): string[] {
  return groupsOf(history).flatMap(({ members }) =>
    members.flatMap((member) =>
      (member.actor.member?.after ?? []).flatMap((nth) => {
        const other = members.find(({ actor }) => actor.name.endsWith(`/m${nth}`));
        return other ? [...startsAfter(member, other), ...endsAfter(history, member, other)] : [];
      }),
    ),
  );
}

function startsAfter({ attempts, actor }: LifeLog, other: LifeLog): string[] {
  const [first] = attempts;
  if (!first) return [];
  const wanted = other.actor.task.terms.awaitReady === true ? 'ready' : 'start';
  const before = other.events.filter(({ seq }) => seq < first.start.seq);
  const ready = before.some(
    (event) => event.type === wanted || (event.type === 'exit' && event.outcome === 'completed'),
  );
  return ready ? [] : [`I34: "${actor.name}" started before ${say(other)} was ready`];
}

/** What becomes of a member that has not started when one that it starts after ends. */
function endsAfter(history: History, { attempts, exit, actor }: LifeLog, other: LifeLog): string[] {
  const cause = other.exit;
  if (!cause || cause.outcome === 'completed') return [];
  if ((exit?.seq ?? Infinity) < cause.seq || attempts.length > 0) return [];
  const { code } = (exit?.error ?? {}) as { code?: unknown };
  if (exit?.outcome === 'failed' && code === 'ERR_RXVISOR_DEPENDENCY') return [];
  if (exit?.outcome === 'stopped') return [];
  return history.down
    ? [`I34: "${actor.name}" ended otherwise than ${say(other)} that it starts after`]
    : [];
}

/** I36: with whom a member restarts: nobody who is to restart too is still there when its restart is told. */
export function siblingsRestartTogether(history: History): string[] {
  return groupsOf(history).flatMap(({ attempt, members }) => {
    const { strategy = 'one-for-one' } = attempt.life.actor.task;
    return members.flatMap((member, place) =>
      member.attempts.flatMap(({ close, crash }) => {
        if (close?.type !== 'restart') return [];
        if (close.cause === 'sibling')
          return strategy === 'one-for-one' ? [`I36: ${say(member)} restarted with a sibling`] : [];
        if (close.cause === 'manual') return [];
        const taken = members.filter(
          (other, i) =>
            other !== member &&
            (strategy === 'one-for-all' || (strategy === 'rest-for-one' && i > place)),
        );
        return taken
          .filter(({ attempts }) =>
            attempts.some(
              (other) =>
                other.start.seq < (crash?.seq ?? 0) &&
                (other.close?.seq ?? Infinity) > close.seq &&
                !isToldTogether(other, close),
            ),
          )
          .map((other) => `I36: ${say(member)} restarts, and ${say(other)} goes on`);
      }),
    );
  });
}

/** A joint restart is told of one after another, and whoever an observer stops in between ends. */
const isToldTogether = ({ close }: AttemptLog, { at }: RestartEvent) => close?.at === at;
