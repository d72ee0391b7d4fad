import { types } from 'node:util';
import { InvalidPayloadError, UsageError } from '../../errors.js';
import { toGroup } from '../../group/group.js';
import type { AnyMember } from '../../group/plan.js';
import type { Runner } from '../../runner/runner.js';
import { isEnlisted } from '../../service/enlist.js';
import { peek, show } from '../../show.js';
import { checkPayload } from '../../task/payload.js';
import type { PayloadFunction } from '../../task/shapes.js';
import { isThreaded } from '../../task/threaded-payload.js';
import { defaultOf } from './default-of.js';
import type { Module } from './find-module.js';
import type { Exports } from './load-module.js';

type Adopter = Pick<Runner, 'adopt' | 'tasks'>;

/** What was adopted: its task, and the members' names if it's a list of specs. */
export interface AdoptedDefault {
  readonly task: string;
  readonly members?: readonly string[];
}

/**
 * Adopts what a module exports by default: a payload, a group, or a list of specs, which becomes a
 * group without a prefix. The class of a service is left alone, and so is an instance: they're adopted
 * by themselves.
 *
 * @throws {@link UsageError} if it's none of these, or can't be adopted.
 */
export function adoptDefault(
  runner: Adopter,
  module: Module,
  exports: Exports,
): AdoptedDefault | undefined {
  const given = defaultOf(module, exports);
  if (given === undefined || isClass(given) || isService(given)) return undefined;
  try {
    return Array.isArray(given)
      ? adoptList(runner, module, given as readonly AnyMember[])
      : adoptPayload(runner, module, given);
  } catch (cause) {
    const message = peek(cause, 'message');
    const why = typeof message === 'string' ? message : show(cause);
    throw new UsageError(`${module.shown}: its default export can't be run: ${why}`, { cause });
  }
}

/** One that is a service's looks like a function, but for its prototype. */
const isClass = (value: unknown) =>
  typeof value === 'function' &&
  Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false &&
  (types.isProxy(value) || Function.prototype.toString.call(value).startsWith('class'));

const isService = (value: unknown) =>
  typeof value === 'object' && value !== null && isEnlisted(value);

function adoptList(
  runner: Adopter,
  module: Module,
  specs: readonly AnyMember[],
): AdoptedDefault | undefined {
  if (specs.length === 0) return undefined;
  const odd = specs.findIndex((spec: unknown) => typeof spec !== 'object' || spec === null);
  if (odd >= 0) {
    throw new InvalidPayloadError(
      `number ${odd + 1} of the list is ${show(specs[odd])}: give { name, payload }`,
    );
  }
  const members = specs.map((spec) => String(peek(spec, 'name')));
  // The members' paths have no prefix here, so the group's own name has to keep out of their way.
  const name = freeName(`(${module.name})`, runner, members);
  return { task: runner.adopt(toGroup(specs, {}, ''), { name }).name, members };
}

function adoptPayload(runner: Adopter, module: Module, payload: unknown): AdoptedDefault {
  if (peek(payload, 'payload') !== undefined) {
    throw new InvalidPayloadError('it is one { name, payload } alone: put it into a list, […]');
  }
  checkPayload(payload);
  const given = payload as PayloadFunction;
  const isNamed =
    isThreaded(payload) || (typeof payload === 'function' && !ANONYMOUS.has(payload.name));
  const options = isNamed ? {} : { name: freeName(module.name, runner) };
  return { task: runner.adopt(given, options).name };
}

/** What a function is called that its module has given no name of its own, and what a group is. */
const ANONYMOUS = new Set(['', 'default', 'group']);

function freeName(name: string, runner: Adopter, others: readonly string[] = []): string {
  const taken = new Set([...others, ...runner.tasks().map((task) => task.name)]);
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}#${number}`;
  return free;
}
