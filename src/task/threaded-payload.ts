import { captureCaller, linesOf } from './caller-stack.js';

/** Marks what belongs to threads, whatever copy of this package has made it. */
export const THREADED: unique symbol = Symbol.for('rxvisor.threaded') as never;

/** What a source on a thread does that is ahead of its consumer by a whole window and can't be made to wait. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest';

/** Says what a payload emits; never there. */
declare const EMITS: unique symbol;

/** What is run on a thread. */
export interface Target {
  /** URL of the worker module. */
  readonly module: string;
  /** Which of its exports is called. */
  readonly export: string;
  /** Whether that is a service's class instead, of which an instance is constructed and run. */
  readonly isService?: boolean;
  /** What a task that runs it is called by default: as the export, or as the file if that is `default`. */
  readonly name: string;
  /** How many values the thread may be ahead of their consumer. */
  readonly window: number;
  readonly overflow: Overflow;
}

/**
 * A payload that crosses to a worker thread as module, export and arguments, and emits a T: see
 * `threaded`. It's for reading only and nothing runs before it's adopted or executed.
 */
export interface ThreadedPayload<T = unknown> extends Target {
  readonly [THREADED]: true;
  readonly [EMITS]?: T;
  /** What it has in common with the others of its builder. */
  readonly target: Target;
  readonly args: readonly unknown[];
  /** Where it was made: the lines of a stack, `''` if there is none (of a flood of calls only the first have one). */
  readonly callerStack: string;
}

/** Whether a payload is for a thread. */
export const isThreaded = (payload: unknown): payload is ThreadedPayload =>
  typeof payload === 'object' && payload !== null && brandOf(payload) === true;

/** `true` for a payload, a word for what else belongs to threads and isn't one. */
export const brandOf = (value: unknown): unknown =>
  (value as { readonly [THREADED]?: unknown } | null | undefined)?.[THREADED];

/**
 * Makes one, as cheaply as can be: there's one for each call.
 *
 * @param builder  What whoever makes it has called: the stack begins below that.
 */
export const prepareCall = (
  target: Target,
  args: readonly unknown[],
  builder: AnyFunction,
): ThreadedPayload => new ThreadedCall(target, args, builder);

class ThreadedCall implements ThreadedPayload<never> {
  readonly target: Target;
  readonly args: readonly unknown[];
  readonly #caller: { readonly stack?: unknown } | undefined;

  constructor(target: Target, args: readonly unknown[], builder: AnyFunction) {
    this.target = target;
    this.args = args;
    this.#caller = captureCaller(builder);
    Object.freeze(this);
  }

  get [THREADED](): true {
    return true;
  }

  get module(): string {
    return this.target.module;
  }

  get export(): string {
    return this.target.export;
  }

  get name(): string {
    return this.target.name;
  }

  get window(): number {
    return this.target.window;
  }

  get overflow(): Overflow {
    return this.target.overflow;
  }

  get callerStack(): string {
    return linesOf(this.#caller);
  }
}

type AnyFunction = (...args: never[]) => unknown;
