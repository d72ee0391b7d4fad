import { UsageError } from '../../errors.js';
import { toGroup } from '../../group/group.js';
import type { AnyMember } from '../../group/plan.js';
import type { Runner } from '../../runner/runner.js';
import { peek, show } from '../../show.js';
import { checkPayload } from '../../task/payload.js';
import type { PayloadFunction } from '../../task/shapes.js';
import { isThreaded } from '../../task/threaded-payload.js';
import type { Module } from './find-module.js';
import type { Exports } from './load-module.js';

/**
 * Adopts what a module exports by default: a payload, a group, or a list of specs, which becomes a
 * group without a prefix. A class is left alone: it's a service, or nothing of ours.
 *
 * @throws {@link UsageError} if it's none of these, or can't be adopted.
 */
export function adoptDefault(
  runner: Pick<Runner, 'adopt' | 'tasks'>,
  module: Module,
  exports: Exports,
): void {
  const given = defaultOf(exports);
  if (given === undefined || isClass(given)) return;
  try {
    if (Array.isArray(given)) adoptList(runner, module, given as readonly AnyMember[]);
    else adoptPayload(runner, module, given);
  } catch (cause) {
    throw new UsageError(`${module.shown}: its default export can't be run: ${show(cause)}`, {
      cause,
    });
  }
}

/** What a CommonJS module that was compiled from an ES module exports by default is in `default` of it. */
function defaultOf(exports: Exports): unknown {
  const given = exports['default'];
  return peek(given, '__esModule') === true ? peek(given, 'default') : given;
}

const isClass = (value: unknown) =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

function adoptList(
  runner: Pick<Runner, 'adopt' | 'tasks'>,
  module: Module,
  specs: readonly AnyMember[],
): void {
  if (specs.length === 0) return;
  const names = specs.map((spec) => String(peek(spec, 'name')));
  // The members' paths have no prefix here, so the group's own name has to keep out of their way.
  runner.adopt(toGroup(specs, {}, ''), { name: free(`(${module.name})`, runner, names) });
}

function adoptPayload(
  runner: Pick<Runner, 'adopt' | 'tasks'>,
  module: Module,
  payload: unknown,
): void {
  checkPayload(payload);
  const isNamed =
    isThreaded(payload) || (typeof payload === 'function' && !ANONYMOUS.has(payload.name));
  if (isNamed) runner.adopt(payload as PayloadFunction);
  else runner.adopt(payload as PayloadFunction, { name: free(module.name, runner) });
}

/** What a function is called that its module has given no name of its own. */
const ANONYMOUS = new Set(['', 'default', 'group']);

function free(name: string, runner: Pick<Runner, 'tasks'>, others: readonly string[] = []): string {
  const taken = new Set([...others, ...runner.tasks().map((task) => task.name)]);
  let found = name;
  for (let number = 2; taken.has(found); number++) found = `${name}#${number}`;
  return found;
}
