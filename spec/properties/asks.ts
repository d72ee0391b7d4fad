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
  return parentEnded(history, life, until);
}

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
