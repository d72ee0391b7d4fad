import { type Observable, type SchedulerLike } from 'rxjs';
import {
  type Checks,
  aBoolean,
  aFunction,
  aName,
  aScheduler,
  anArray,
  countOrInfinity,
  duration,
  durationOrInfinity,
  oneOf,
} from './check.js';
import type { Adopted, TaskContext } from './context.js';
import type { Flavour } from './flavour.js';
import type { Emitted, Payload } from './payload.js';

/** When another attempt follows: never, after a crash, or after a completion too. */
export type Restart = 'never' | 'on-failure' | 'always';

/** Delay before the n-th restart since the last reset, n = 1 for the first. In ms. */
export type Backoff = (n: number) => number;

/** How a task is restarted. Times in ms. */
export interface RestartOptions {
  /** @default `'on-failure'` for `supervise` and group members, `'never'` for `adopt` */
  readonly restart?: Restart;
  /** @default exponential(): 1 s, 2 s, 4 s, 8 s, 16 s, 30 s, 30 s… */
  readonly backoff?: Backoff;
  /** An attempt that was up this long (boundary included) resets the backoff and the budget. @default 60_000 */
  readonly resetAfter?: number;
  /** How many restarts within `within` are granted; one more fails the task. @default Infinity */
  readonly maxRestarts?: number;
  /** The sliding window of the budget, boundary included. @default 60_000 */
  readonly within?: number;
  /** For the delays. @default the runner's, else asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/** Options of `supervise`. */
export interface SuperviseOptions extends RestartOptions {
  /** Under a runner: the name of the life, below that of the task it's piped in. @default 'supervised' */
  readonly name?: string;
}

/** What `adopt` and `execute` have in common. */
export interface ExecuteOptions<A extends readonly unknown[] = readonly unknown[]> {
  /** @default the function's name, else 'task' */
  readonly name?: string;
  /** A name (`'asap'`, `'async'`) or a flavour object. @default 'asap' */
  readonly flavour?: string | Flavour;
  /** Handed to a function payload before the context. @default [] */
  readonly args?: A;
  /** How long an attempt may take to end, in ms; Infinity waits for ever. @default the runner's */
  readonly grace?: number;
}

/** Options of `adopt`. */
export interface AdoptOptions<A extends readonly unknown[] = readonly unknown[]>
  extends ExecuteOptions<A>, RestartOptions {
  /** Whether the task is ready only when it has called `context.ready()`. @default false */
  readonly awaitReady?: boolean;
  /** Who gets the final error: the runner, or the subscribers (the runner all the same when there are none). @default 'fatal' */
  readonly errors?: 'fatal' | 'deliver';
}

/** Adopts a payload: see `Runner.adopt`. */
export interface Adopt {
  <T>(payload: Observable<T>, options?: AdoptOptions<readonly []>): Adopted<T>;
  <R, A extends readonly unknown[] = []>(
    payload: (...args: [...A, TaskContext]) => R,
    ...options: WithArgs<A, AdoptOptions<A>>
  ): Adopted<Emitted<R>>;
  <R, A extends readonly unknown[]>(
    payload: (...args: A) => R,
    options: AdoptOptions<A> & { readonly args: A },
  ): Adopted<Emitted<R>>;
  <T>(payload: Payload<T>, options?: AdoptOptions): Adopted<T>;
}

/** Executes a payload for its subscriber: see `Runner.execute`. */
export interface Execute {
  <T>(payload: Observable<T>, options?: ExecuteOptions<readonly []>): Observable<T>;
  <R, A extends readonly unknown[] = []>(
    payload: (...args: [...A, TaskContext]) => R,
    ...options: WithArgs<A, ExecuteOptions<A>>
  ): Observable<Emitted<R>>;
  <R, A extends readonly unknown[]>(
    payload: (...args: A) => R,
    options: ExecuteOptions<A> & { readonly args: A },
  ): Observable<Emitted<R>>;
  <T>(payload: Payload<T>, options?: ExecuteOptions): Observable<T>;
}

/** A function with arguments of its own needs them; one without may do without options. */
export type WithArgs<A extends readonly unknown[], O> = A extends readonly []
  ? [options?: O]
  : [options: O & { readonly args: A }];

export const RESTART_CHECKS: Checks<RestartOptions> = {
  restart: oneOf('never', 'on-failure', 'always'),
  backoff: aFunction,
  resetAfter: duration,
  maxRestarts: countOrInfinity,
  within: duration,
  scheduler: aScheduler,
};

export const SUPERVISE_CHECKS: Checks<SuperviseOptions> = { ...RESTART_CHECKS, name: aName };

export const EXECUTE_CHECKS: Checks<ExecuteOptions> = {
  name: aName,
  // A name that no flavour has is refused where the flavours are known.
  flavour: {
    accepts: (value) => typeof value === 'string' || isFlavour(value),
    wanted: 'give the name of a flavour or a flavour object, such as defineFlavour() makes',
  },
  args: anArray,
  grace: durationOrInfinity,
};

export const ADOPT_CHECKS: Checks<AdoptOptions> = {
  ...EXECUTE_CHECKS,
  ...RESTART_CHECKS,
  awaitReady: aBoolean,
  errors: oneOf('fatal', 'deliver'),
};

const isFlavour = (value: unknown): value is Flavour => {
  const { name, scheduler, enter } = (value ?? {}) as Partial<Flavour>;
  return aName.accepts(name) && aScheduler.accepts(scheduler) && typeof enter === 'function';
};
