import { types } from 'node:util';
import { attemptsOf, say } from './grammar.js';
import type { History } from './history.js';

/** I38: at most one open subscription per task, and each is torn down in the end. */
export function subscriptionsAreClosed({ lives }: History): string[] {
  return lives.flatMap((life) => {
    const { open, mostOpen } = life.actor;
    const found: string[] = [];
    if (mostOpen > 1) found.push(`I38: ${say(life)} had ${mostOpen} subscriptions open at once`);
    if (open !== 0) found.push(`I38: ${say(life)} has ${open} subscriptions open in the end`);
    return found;
  });
}

/** I39: a runner that is down holds no timer. */
export function nothingIsHeld({ run }: History): string[] {
  const { heldWhenDown = run.foreignTimers } = run.world;
  const held = Math.max(run.foreignTimers, heldWhenDown);
  return held === 0 ? [] : [`I39: ${held} timers are left after down`];
}

/** I15, I26, I28: what was promised is kept. */
export function promisesAreKept(history: History): string[] {
  const { run, down } = history;
  const { promises } = run.world;
  const failures = down?.report.failures ?? [];
  return promises.flatMap(({ of, state, outcome }) => {
    if (state === 'pending') return [`I26: the promise of ${of} is never settled`];
    if (of !== 'run') return state === 'resolved' ? [] : [`I26: the promise of ${of} was rejected`];
    const {
      code,
      cause,
      failures: told,
      report,
    } = (outcome ?? {}) as {
      code?: unknown;
      cause?: unknown;
      failures?: unknown;
      report?: unknown;
    };
    if (code === 'ERR_RXVISOR_RUNNER_STATE') return [];
    if (failures.length === 0) {
      const same = state === 'resolved' && outcome === down?.report;
      return same ? [] : ['I15: nothing failed, and run() did not resolve with the report'];
    }
    if (state === 'resolved') return ['I15: something failed, and run() resolved'];
    const same =
      Object.is(cause, failures[0]?.error) && told === failures && report === down?.report;
    return same ? [] : ['I15: run() rejected with other things than the report says'];
  });
}

/** I15: the failures are what ended fatally, what failed while stopping, and what was overdue; no more, no less. */
export function failuresAreComplete(history: History): string[] {
  const { down, lives } = history;
  if (!down) return [];
  const found: string[] = [];
  const { failures, counts } = down.report;
  const overdue = attemptsOf(history).filter((attempt) => attempt.overdue).length;
  const told = new Set(failures.map(({ error }) => error).filter(isOverdue)).size;
  if (told !== overdue)
    found.push(`I15: ${overdue} attempts were overdue, and ${told} are among the failures`);
  const errors = failures.map(({ error }) => error).filter((error) => types.isNativeError(error));
  if (new Set(errors).size < errors.length) found.push('I15: an error is twice among the failures');
  for (const life of lives) {
    const { exit, actor } = life;
    if (!exit) continue;
    if (exit.outcome !== 'failed' && exit.fatal)
      found.push(`I15: ${say(life)} is ${exit.outcome}, and fatal`);
    if (
      exit.outcome === 'failed' &&
      actor.origin === 'adopt' &&
      actor.task.terms.errors !== 'deliver' &&
      exit.fatal !== (actor.inside === 'nothing')
    )
      found.push(`I15: ${say(life)} failed, and it is not fatal`);
    if (
      exit.fatal &&
      !failures.some(
        ({ task, error }) =>
          Object.is(error, exit.error) && (task === exit.task || isOverdue(error)),
      )
    )
      found.push(`I15: the fatal end of ${say(life)} is not among the failures`);
  }
  for (const outcome of ['completed', 'stopped', 'failed'] as const) {
    const ended = lives.filter(({ exit }) => exit?.outcome === outcome).length;
    if (counts[outcome] !== ended)
      found.push(`I15: ${ended} lives ${outcome}, and ${counts[outcome]} are reported`);
  }
  return found;
}

const isOverdue = (error: unknown) =>
  (error as { code?: unknown } | undefined)?.code === 'ERR_RXVISOR_OVERDUE';

/** I44: what is refused is refused with its own error, and changes nothing; and nothing throws that must not. */
export function refusalsAreClean({ trace, run }: History): string[] {
  const found = run.world.escaped.map((error) => {
    const { message, stack } = error as Partial<Error>;
    return message?.startsWith('I44')
      ? message
      : `I9: escaped: ${stack ?? 'something without a stack'}`;
  });
  for (const each of trace) {
    if (each.fact === 'refused' && each.code !== each.wanted)
      found.push(`I44: ${each.call} was refused with ${String(each.code)}, not ${each.wanted}`);
  }
  return found;
}
