import { type AttemptLog, type History, type LifeLog } from './history.js';

/** Whether something was asked of a life in some span: for certain, certainly not, or it can't be told. */
export type Certainty = 'yes' | 'no' | 'maybe';

/** Whether the life was asked to stop while this attempt was open. */
export function stopAsked(history: History, attempt: AttemptLog): Certainty {
  const { life, number, close, start } = attempt;
  const asked = life.asked.some(({ what, before }) => {
    if (what !== 'stop' && what !== 'unsubscribe') return false;
    const info = before.get(life.id);
    return info?.attempt === number && (info.state === 'running' || info.state === 'stopping');
  });
  if (asked) return 'yes';
  const until = close?.seq ?? Infinity;
  if ((history.shutdown?.seq ?? Infinity) < until) return 'maybe';
  if (siblingsStop(history, life, until)) return 'maybe';
  // One that waits for its siblings to stop is in backoff, and its attempt is not closed yet.
  const isHeld =
    isJoint(life) && life.asked.some(({ before }) => before.get(life.id)?.attempt === number);
  if (isHeld) return 'maybe';
  return start.seq < until && parentEnded(history, life, until) ? 'maybe' : 'no';
}

/** Whether a restart by hand was asked for while this attempt was open. */
export function restartAsked({ life, number }: AttemptLog): boolean {
  return life.asked.some(({ what, before }) => {
    const info = before.get(life.id);
    return (
      what === 'restart' &&
      info?.attempt === number &&
      (info.state === 'running' || info.state === 'stopping')
    );
  });
}

/** When a restart by hand was asked for in the backoff after this attempt, if it was. */
export function hurriedAt({ life, number }: AttemptLog): number | undefined {
  return life.asked.find(({ what, before }) => {
    const info = before.get(life.id);
    return what === 'restart' && info?.attempt === number && info.state === 'backoff';
  })?.at;
}

/** Whether somebody had asked for the end of the life, or may have, before it came. */
export function endAsked(history: History, life: LifeLog): boolean {
  const until = life.exit?.seq ?? Infinity;
  if ((history.shutdown?.seq ?? Infinity) < until) return true;
  if (life.asked.some(({ what }) => what === 'stop' || what === 'unsubscribe')) return true;
  if (siblingsStop(history, life, until) || isJoint(life)) return true;
  return parentEnded(history, life, until);
}

/** Whether a sibling's end may be a reason to stop: it was significant and failed, or one that this one starts after was stopped. */
function siblingsStop({ lives }: History, { actor }: LifeLog, until: number): boolean {
  if (actor.inside !== 'group') return false;
  return lives.some(({ actor: other, exit }) => {
    if (other.parent !== actor.parent || other.inside !== 'group') return false;
    if (!exit || exit.seq > until) return false;
    const isAwaited = actor.member?.after.some((nth) => other.name.endsWith(`/m${nth}`));
    return (
      (exit.outcome === 'failed' && other.member?.significant === true) ||
      (exit.outcome === 'stopped' && isAwaited === true)
    );
  });
}

/** Whether siblings may be restarted together with the one that crashed. */
export const isJoint = ({ actor }: LifeLog): boolean =>
  actor.inside === 'group' &&
  (actor.parent?.actor.task.strategy ?? 'one-for-one') !== 'one-for-one';

function parentEnded({ lives, nthOf, log }: History, { actor }: LifeLog, until: number): boolean {
  const { parent } = actor;
  if (!parent) return false;
  const attempt = lives.flatMap(({ attempts }) => attempts).find(({ turn }) => turn === parent);
  if (!attempt) return true;
  const { crash, stopping, facts } = attempt;
  if (Math.min(crash?.seq ?? Infinity, stopping?.seq ?? Infinity) < until) return true;
  const event = log[until - 1];
  const nth = event ? nthOf(event) : Infinity;
  return facts.some((each) => each.fact === 'ended' && each.nth < nth);
}
