import { checkOptions } from '../task/check.js';
import { ADOPT_CHECKS } from '../task/options.js';
import type { AdoptOptions, AnyPayload } from '../task/shapes.js';
import { isThreaded } from '../task/threaded-payload.js';
import { checkPayload } from '../task/payload.js';
import { AdoptedLife, AdoptedTask } from './adopted-task.js';
import type { Parent } from './owner.js';
import type { Core } from './core.js';
import type { Host } from './host.js';
import { toPath } from './path.js';
import { toTerms } from './terms.js';

/** Takes a payload into care: as a task of the runner, or as a child of an attempt. */
export function adopt(
  core: Core,
  payload: AnyPayload,
  options?: AdoptOptions<readonly unknown[]>,
  parent?: Parent,
): AdoptedTask<never> {
  const refusal = core.refusal('adopt');
  if (refusal) throw refusal;
  const life = bear(core, payload, options, parent);
  if (core.state === 'running') life.begin();
  return new AdoptedTask(life);
}

/** The same for a member of a group, which begins when its host says so. */
export function bear(
  core: Core,
  payload: AnyPayload,
  options?: AdoptOptions<readonly unknown[]>,
  parent?: Parent,
  host?: Host,
): AdoptedLife {
  checkPayload(payload);
  if (options !== undefined) checkOptions(options, ADOPT_CHECKS);
  const own = isThreaded(payload) ? core.threads.own(options) : undefined;
  const terms = toTerms(options, own);
  const name = options?.name;
  const wanted = toPath(parent, name ?? payload);
  const number = name === undefined ? core.lives.number(wanted) : core.lives.claim(wanted);
  const life = new AdoptedLife({ core, wanted, number, payload, terms, parent, host });
  if (own) life.whenOver(own.release);
  return life;
}
