import type { InteropObservable, Observable, SchedulerLike, Subscriber } from 'rxjs';
import type { StopReason } from '../report.js';
import type { THREADED, ThreadedPayload } from './threaded-payload.js';

// The shapes of a task, in one file since they're one knot: a payload is given a context, a context
// adopts payloads, and a flavour enters them. Types only.

/** A value as it is emitted: `undefined` is no value. */
export type Value<T> = Exclude<T, void | undefined>;

/** What a function payload emits, told from what it returns. Anything without a shape of its own is one value. */
export type Emitted<R> =
  R extends Observable<infer T>
    ? Value<T>
    : R extends InteropObservable<infer T>
      ? Value<T>
      : R extends PromiseLike<infer T>
        ? Value<T>
        : R extends AsyncIterable<infer T> | Generator<infer T> | ReadableStream<infer T>
          ? Value<T>
          : Value<R>;

/**
 * A function payload: called once per attempt with its arguments and, last, the context. The builder
 * of a threaded payload is none: that's to be called.
 */
export type PayloadFunction<R = unknown, A extends readonly unknown[] = []> = ((
  ...args: [...A, TaskContext]
) => R) & { readonly [THREADED]?: never };

/**
 * What a user hands in: an Observable (subscribed once per attempt), a function (called once per
 * attempt), or a call of a worker module's export (made once per attempt, on a thread).
 */
export type Payload<T = unknown> = Source<T> | PayloadFunction | ThreadedPayload<T>;

/** An Observable, of this copy of RxJS or of anything with its interop symbol. */
export type Source<T = unknown> = Observable<T> | InteropObservable<T>;

/** A payload of which it doesn't matter any more what its function takes. */
export type AnyPayload = Source | AnyFunction | ThreadedPayload;

/** A function, whatever it takes. */
export type AnyFunction = (...args: never[]) => unknown;

/** What a payload emits. */
export type EmittedBy<P> =
  P extends ThreadedPayload<infer T>
    ? T
    : P extends Source<infer T>
      ? Value<T>
      : P extends (...args: never[]) => infer R
        ? Emitted<R>
        : never;

/** What every attempt of a function payload is given, as its last argument. */
export interface TaskContext {
  /** Path of the task: `'web/poller'`. */
  readonly name: string;
  /** Number of this attempt: 1, 2, 3… */
  readonly attempt: number;
  /**
   * Aborted when the attempt is asked to stop; its `reason` is a {@link StopReason}. Made when first
   * read. An Observable whose function has read it is not unsubscribed but expected to complete.
   */
  readonly signal: AbortSignal;
  /** Says that the attempt is up. More calls do nothing. */
  readonly ready: () => void;
  /**
   * Runs when the attempt ends in any way: last in, first out, each awaited, a failing one skips no
   * other. Registered after the end, it runs at once.
   */
  readonly onTeardown: (teardown: () => unknown) => void;
  /** As on the runner, but the child lives no longer than this attempt and its name is prefixed with this task's. */
  readonly adopt: Adopt;
  /** As on the runner, but the execution lives no longer than this attempt and its name is prefixed with this task's. */
  readonly execute: Execute;
}

/** An adopted task, as a payload sees it: hot, and to be stopped. */
export interface Adopted<T> extends Observable<T> {
  /** Path of the task. */
  readonly name: string;
  /** Asks the task to stop. Resolves when its life is over; never rejects. */
  stop(reason?: string | Partial<StopReason>): Promise<void>;
}

/**
 * Where and when a payload runs: an RxJS scheduler decides when, `enter` how.
 *
 * The interface is the package's own and small, so that the core outlives RxJS's schedulers.
 */
export interface Flavour {
  /** As it appears in events. */
  readonly name: string;
  /** When an attempt is entered: one `schedule` per attempt. */
  readonly scheduler: SchedulerLike;
  /**
   * Runs one attempt. Its payload's values and end go to the entry; what it throws is a crash.
   *
   * @default on this thread: a function is called, and what it returns is subscribed by its shape
   */
  readonly enter?: (entry: Entry) => void;
}

/** One attempt, as a payload's shape is run: what is to be run, and where its notifications go. */
export interface Sink {
  readonly payload: AnyPayload;
  readonly args: readonly unknown[];
  readonly context: TaskContext;
  /**
   * How the payload is left when the attempt is asked to stop. To be set before the first value.
   *
   * - `'unsubscribe'`: at once (an Observable), unless its function has read `context.signal`
   * - `'wait'`: it ends by itself (a promise)
   * - a function: called to ask it to end, which it then does by itself (an iterator)
   * - an object: asked to end, and ended by force when it's overdue (a thread)
   */
  leave: Leave | undefined;
  /** Demand: whether a pulled source may be asked for its next value now; if not, `resume` is called when it may. */
  mayPull(resume: () => void): boolean;
  next(value?: unknown): void;
  error(error: unknown): void;
  complete(): void;
  /** `next` and `complete` in one, where that's worth it. */
  last?(value: unknown): void;
}

/** One attempt, as a flavour sees it: what is to be run, and the subscriber that its notifications go to. */
export interface Entry extends Subscriber<unknown>, Sink {
  next(value?: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

export type Leave = 'unsubscribe' | 'wait' | (() => void) | LeaveByForce;

/** How something is left that can be ended though it doesn't end by itself. */
export interface LeaveByForce {
  /** Asks it to end. */
  ask(): void;
  /** Ends it; it then completes, whatever it was about. */
  force(): void;
}

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
export interface ExecuteOptions<A extends readonly unknown[] = readonly []> {
  /** @default the function's or the export's name, else 'task' */
  readonly name?: string;
  /** A name (`'asap'`, `'async'`, `'thread'`) or a flavour object. @default 'asap', `'thread'` for a threaded payload */
  readonly flavour?: string | Flavour;
  /** Handed to a function payload before the context. @default [] */
  readonly args?: A;
  /** How long an attempt may take to end, in ms; Infinity waits for ever. @default the runner's */
  readonly grace?: number;
}

/** Options of `adopt`. */
export interface AdoptOptions<A extends readonly unknown[] = readonly []>
  extends ExecuteOptions<A>, RestartOptions {
  /** Whether the task is ready only when it has called `context.ready()`. @default false */
  readonly awaitReady?: boolean;
  /** Who gets the final error: the runner, or the subscribers (the runner all the same when there are none). @default 'fatal' */
  readonly errors?: 'fatal' | 'deliver';
}

/** Adopts a payload: see `Runner.adopt`. */
export interface Adopt {
  <R, A extends Arguments>(
    payload: PayloadFunction<R, A>,
    options: AdoptOptions<A> & Given<A>,
  ): Adopted<Emitted<R>>;
  <F extends AnyFunction, const A extends Arguments>(
    payload: F & Taking<F, A>,
    options: AdoptOptions<A> & Given<A>,
  ): Adopted<Emitted<ReturnType<F>>>;
  <P extends Payload>(payload: P, options?: AdoptOptions): Adopted<EmittedBy<P>>;
}

/** Executes a payload for its subscriber: see `Runner.execute`. */
export interface Execute {
  <R, A extends Arguments>(
    payload: PayloadFunction<R, A>,
    options: ExecuteOptions<A> & Given<A>,
  ): Observable<Emitted<R>>;
  <F extends AnyFunction, const A extends Arguments>(
    payload: F & Taking<F, A>,
    options: ExecuteOptions<A> & Given<A>,
  ): Observable<Emitted<ReturnType<F>>>;
  <P extends Payload>(payload: P, options?: ExecuteOptions): Observable<EmittedBy<P>>;
}

/** A list of arguments, each with its own type. */
export type Arguments = readonly unknown[] | [];

/** Arguments that aren't left out. */
export interface Given<A> {
  readonly args: A;
}

/** Accepts a function that can be called with these arguments and the context; it needn't take them all. */
export type Taking<F, A extends readonly unknown[]> =
  F extends PayloadFunction<unknown, A> ? unknown : never;
