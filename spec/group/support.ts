import {
  NEVER,
  type Observable,
  ignoreElements,
  isObservable,
  merge,
  mergeMap,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { AdoptedTask } from '../../src/runner/adopted-task.js';
import { group } from '../../src/group/group.js';
import type { AnyMember, GroupOptions, MemberSpec, MemberSpecs } from '../../src/group/plan.js';
import type { AdoptOptions, Flavour, TaskContext } from '../../src/task/shapes.js';
import type { RunnerFailedError } from '../../src/errors.js';
import type { Report } from '../../src/report.js';
import { HUNG, type World, later } from '../runner/support.js';

export const BOOM = new Error('boom');

type MemberPayload = Observable<never> | ((context: TaskContext) => Observable<never>);

/** Ends by itself after so many ms. */
export const completes = (delay: number): Observable<never> => timer(delay).pipe(ignoreElements());

/** Crashes after so many ms. */
export const crashes = (delay: number, ...errors: [error?: unknown]): Observable<never> =>
  timer(delay).pipe(mergeMap(() => throwError(() => (errors.length === 0 ? BOOM : errors[0]))));

/** Goes on until it's stopped, and then takes so many ms to be torn down. */
export const tearsDown =
  (delay: number, source$: Observable<never> = NEVER) =>
  ({ onTeardown }: TaskContext): Observable<never> => {
    onTeardown(() => later(delay));
    return source$;
  };

/** Goes on until it's stopped, and then is never over. */
export const hangs = ({ onTeardown }: TaskContext): Observable<never> => {
  onTeardown(() => HUNG);
  return NEVER;
};

/** Is up after so many ms, and goes on. */
export const readies =
  (delay: number, source$: Observable<never> = NEVER) =>
  ({ ready }: TaskContext): Observable<never> =>
    merge(timer(delay).pipe(tap(ready), ignoreElements()), source$);

/** One payload for each attempt; the last one is for all that follow. */
export const inTurn =
  (...payloads: readonly [MemberPayload, ...MemberPayload[]]) =>
  (context: TaskContext): Observable<never> => {
    const payload = payloads[Math.min(context.attempt, payloads.length) - 1]!;
    return isObservable(payload) ? payload : payload(context);
  };

/** The same members, on a flavour. */
export function onFlavour<const A extends readonly unknown[]>(
  flavour: Flavour,
  specs: MemberSpecs<A>,
): MemberSpec[] {
  const members: readonly AnyMember[] = specs;
  return members.map((spec) => ({ flavour, ...spec }) as unknown as MemberSpec);
}

/** Adopts a group as `g`, all of it on the flavour at hand. */
export function adoptGroup<const A extends readonly unknown[]>(
  { runner, flavour }: Pick<World, 'runner' | 'flavour'>,
  specs: MemberSpecs<A>,
  { strategy, ...options }: GroupOptions & AdoptOptions = {},
): AdoptedTask<never> {
  const payload = group(onFlavour(flavour, specs), strategy === undefined ? {} : { strategy });
  return runner.adopt(payload, { name: 'g', flavour, ...options });
}

/** The report of a run, whether it resolved or rejected. */
export async function reportOf({ ran }: Pick<World, 'ran'>): Promise<Report> {
  const end = (await ran()) as Report | RunnerFailedError;
  return 'report' in end ? end.report : end;
}
