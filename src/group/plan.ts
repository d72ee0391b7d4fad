import { toFlavour } from '../flavours/flavours.js';
import { DuplicateNameError, InvalidOptionError } from '../errors.js';
import { type Checks, aBoolean, aName, checkGiven, checkOptions, oneOf } from '../task/check.js';
import { ADOPT_CHECKS } from '../task/options.js';
import type { AdoptOptions, AnyPayload, PayloadFunction, Source } from '../task/shapes.js';
import { checkPayload } from '../task/payload.js';
import type { ThreadedPayload } from '../task/threaded-payload.js';

/** One member of a group: a payload and the options of `adopt`, but that it restarts on failure unless told. */
export interface MemberSpec<A = readonly []> extends Membership {
  readonly payload: Source | PayloadFunction<unknown, Each<A>> | ThreadedPayload;
  /** Handed to a function payload before the context. @default [] */
  readonly args?: A & readonly unknown[];
}

/** The members of one group; what a function in place is given is told from the `args` beside it. */
export type MemberSpecs<A extends readonly unknown[]> = {
  readonly [K in keyof A]: MemberSpec<A[K]>;
};

/** The types of the arguments, so that they are told from `args` alone and not from what the function takes. */
type Each<A> = A extends readonly [...infer All] ? All : [];

interface Membership extends Omit<AdoptOptions, 'args'> {
  readonly name: string;
  /** The members that have to be ready, or to have completed, before this one starts. @default [] */
  readonly after?: readonly string[];
  /** Whether the group fails when this member fails for good. @default false */
  readonly significant?: boolean;
}

/** A member of which it doesn't matter any more what its function takes. */
export interface AnyMember extends Membership {
  readonly payload: AnyPayload;
  readonly args?: readonly unknown[];
}

/**
 * What happens to a member's siblings when it's restarted: nothing, all of them are restarted with
 * it, or those listed after it.
 *
 * @see OTP's `supervisor`, one_for_one, one_for_all, rest_for_one
 */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one';

export interface GroupOptions {
  /** @default 'one-for-one' */
  readonly strategy?: Strategy;
}

/** A spec that has been checked, taken apart. */
export interface Plan {
  readonly name: string;
  readonly payload: AnyPayload;
  readonly options: AdoptOptions<readonly unknown[]>;
  readonly after: readonly string[];
  readonly significant: boolean;
}

export const GROUP_CHECKS: Checks<GroupOptions> = {
  strategy: oneOf('one-for-one', 'one-for-all', 'rest-for-one'),
};

const MEMBER_CHECKS: Checks<AnyMember> = {
  ...ADOPT_CHECKS,
  name: aName,
  payload: { accepts: () => true, wanted: '' },
  after: {
    accepts: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
    wanted: 'give an array of names of other members',
  },
  significant: aBoolean,
};

/**
 * Checks the specs of a group, all of them before anything starts.
 *
 * @throws {@link InvalidOptionError}, {@link InvalidPayloadError}, {@link DuplicateNameError}
 */
export function toPlans(specs: readonly AnyMember[]): Plan[] {
  if (!Array.isArray(specs)) {
    throw new InvalidOptionError('specs', specs, 'give an array of { name, payload, … }');
  }
  const plans = specs.map(toPlan);
  checkNames(plans);
  checkCycles(plans);
  return plans;
}

function toPlan(spec: AnyMember): Plan {
  checkOptions(spec, MEMBER_CHECKS);
  const { payload, args = [], after = [], significant = false, ...others } = spec;
  const { name, restart = 'on-failure' } = others;
  checkGiven('name', name, aName);
  checkPayload(payload);
  toFlavour(others.flavour);
  return { name, payload, after, significant, options: { ...others, args, restart } };
}

function checkNames(plans: readonly Plan[]): void {
  const names = new Set<string>();
  for (const { name } of plans) {
    if (names.has(name))
      throw new DuplicateNameError(name, 'give each member of a group a name of its own');
    names.add(name);
  }
  for (const { name, after } of plans) {
    const unknown = after.find((other) => !names.has(other));
    if (unknown === undefined) continue;
    const known = [...names].join(', ');
    const wanted = `member "${name}" starts after "${unknown}", which is no member: the members are ${known}`;
    throw new InvalidOptionError('after', after, wanted);
  }
}

/** Takes away, again and again, what waits for nobody left; what stays is a circle, or waits for one. */
function checkCycles(plans: readonly Plan[]): void {
  let left = plans;
  for (;;) {
    const names = new Set(left.map(({ name }) => name));
    const waiting = left.filter(({ after }) => after.some((name) => names.has(name)));
    if (waiting.length === 0) return;
    if (waiting.length === left.length) throw circle(waiting);
    left = waiting;
  }
}

/** Everybody here waits for somebody here: whoever is met twice on the way is in a circle. */
function circle(waiting: readonly Plan[]): InvalidOptionError {
  const byName = new Map(waiting.map((plan) => [plan.name, plan]));
  const way: Plan[] = [];
  let plan = waiting[0];
  while (plan && !way.includes(plan)) {
    way.push(plan);
    const next = plan.after.find((name) => byName.has(name));
    plan = next === undefined ? undefined : byName.get(next);
  }
  const met = plan ? way.slice(way.indexOf(plan)) : way;
  const [first, ...others] = waiting.filter((each) => met.includes(each));
  const names = [first, ...others].map((each) => `"${each?.name ?? ''}"`).join(', ');
  const wanted = `member "${first?.name ?? ''}" would wait for itself, by way of ${names}: take one of these out`;
  return new InvalidOptionError('after', first?.after, wanted);
}
