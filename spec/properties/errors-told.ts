import type { Failure } from '../../src/index.js';
import { say } from './grammar.js';
import type { History, LifeLog } from './history.js';
import { heard, isNormal } from './standing.js';
import type { Ended, Happening, TornDown } from './trace.js';
import { isOrphaning } from './turn.js';

/** I9: every error is told exactly as often, and there, as it should be. */
export function errorsAreTold(history: History): string[] {
  return history.lives.flatMap((life) => {
    const told = toTold(history, life);
    return life.attempts.flatMap(({ number, facts, turn }) => {
      let failedWhileStopping = false;
      return facts.flatMap((each) => {
        if (isOrphaning(life.actor) && orphansWhileStopping(each)) failedWhileStopping = true;
        if (!isFailing(each)) return [];
        const { error } = each.failure;
        // What has no identity, or is shared with a reason, can't be counted.
        if (typeof error !== 'object' || error === null || !('stack' in error)) return [];
        // What comes from a member or a supervised pipe is told as theirs.
        const { code } = error as { code?: unknown };
        if (code === 'ERR_RXVISOR_OVERDUE' || code === 'ERR_RXVISOR_CANCELLED') return [];
        const fate = fateOf(each, turn?.signal?.reason);
        // The ordinary end of what was asked to stop, after it was given up: it may be forgotten.
        const isLate = fate === 'tolerated' && isNormal(error, turn?.signal?.reason);
        if (isLate && each.fact === 'ended') return [];
        const first = !failedWhileStopping && each.fact === 'ended';
        if (fate === 'failed while stopping' && first) failedWhileStopping = true;
        const wanted = JSON.stringify(toWanted(life, fate, error, first));
        const actual = JSON.stringify(told(error));
        if (actual === wanted || isGroupsMatter(life, error)) return [];
        const what = `${each.fact} of attempt ${number} of ${say(life)} at ${each.at} (${fate})`;
        return [`I9: the error of ${what} is told ${actual}, not ${wanted}`];
      });
    });
  });
}

/** How often an error is told, and where. */
interface Told {
  readonly crashes: number;
  readonly tolerated: number;
  readonly failures: number;
}

function toTold({ run }: History, { attempts, actor }: LifeLog): (error: unknown) => Told {
  const { failures = [], tolerated = [] } = run.world.report ?? {};
  const inReport = (list: readonly Failure[], error: unknown) =>
    list.filter((each) => each.error === error && each.task === actor.name).length;
  return (error) => ({
    crashes: attempts.filter(({ crash }) => crash && crash.error === error).length,
    tolerated: inReport(tolerated, error),
    failures: inReport(failures, error),
  });
}

function toWanted({ exit, actor }: LifeLog, fate: string, error: unknown, first: boolean): Told {
  const isFinal = fate === 'crash' && exit?.outcome === 'failed' && exit.error === error;
  const failed = fate === 'failed while stopping';
  const isAdopted = actor.origin === 'adopt';
  const isHarmless = actor.inside === 'group' && actor.member?.significant === false;
  return {
    crashes: fate === 'crash' || (failed && first) ? 1 : 0,
    tolerated: fate === 'tolerated' || (failed && !isAdopted) || (isFinal && isHarmless) ? 1 : 0,
    failures: (failed && isAdopted) || (isFinal && exit.fatal) ? 1 : 0,
  };
}

/** A significant member's failure is its group's, but the runner's when the group is stopping anyway. */
const isGroupsMatter = ({ exit, actor }: LifeLog, error: unknown) =>
  actor.member?.significant === true && exit?.outcome === 'failed' && exit.error === error;

const orphansWhileStopping = (each: Happening) =>
  each.fact === 'emitted' && heard(each) && each.asked && each.audience.length === 0;

type Failed = (Ended | TornDown) & Happening & { readonly failure: { readonly error: unknown } };

const isFailing = (each: Happening): each is Failed =>
  (each.fact === 'ended' || each.fact === 'finalized' || each.fact === 'teardown over') &&
  each.failure !== undefined;

/** What has to become of an error, by what the attempt was at that moment. */
function fateOf(each: Failed, reason: unknown): string {
  if (each.down) return 'after the runner';
  if (!each.living || each.crashed) return 'tolerated';
  if (each.fact === 'ended' && !each.open) return 'tolerated';
  if (!each.asked) return 'crash';
  return isNormal(each.failure.error, reason) ? 'as asked' : 'failed while stopping';
}
