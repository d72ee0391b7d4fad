/** Marks what belongs to threads, whatever copy of this package has made it. */
export const THREADED: unique symbol = Symbol.for('rxvisor.threaded') as never;

/** What a source on a thread does that is ahead of its consumer by a whole window and can't be made to wait. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest';

/** Says what a payload emits; never there. */
declare const EMITS: unique symbol;

/**
 * A payload that crosses to a worker thread as module, export and arguments, and emits a T: see
 * `threaded`. It's for reading only and nothing runs before it's adopted or executed.
 */
export interface ThreadedPayload<T = unknown> {
  readonly [THREADED]: true;
  readonly [EMITS]?: T;
  /** URL of the worker module. */
  readonly module: string;
  /** Which of its exports is called. */
  readonly export: string;
  /** What a task that runs it is called by default: as the export, or as the file if that is `default`. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** How many values the thread may be ahead of their consumer. */
  readonly window: number;
  readonly overflow: Overflow;
  /** Where it was made: the lines of a stack, `''` if there is none. */
  readonly callerStack: string;
}

/** What the payloads of one export have in common. */
export type Target = Omit<ThreadedPayload, 'args' | 'callerStack' | typeof THREADED | typeof EMITS>;

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
  readonly module: string;
  readonly export: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly window: number;
  readonly overflow: Overflow;
  readonly #caller: { readonly stack?: string } = {};

  constructor(target: Target, args: readonly unknown[], builder: AnyFunction) {
    this.module = target.module;
    this.export = target.export;
    this.name = target.name;
    this.args = args;
    this.window = target.window;
    this.overflow = target.overflow;
    captureStack(this.#caller, builder);
    Object.freeze(this);
  }

  get [THREADED](): true {
    return true;
  }

  get callerStack(): string {
    // Rendered when it's first read. The first line would be that of an error without a message.
    const stack = String(this.#caller.stack);
    const end = stack.indexOf('\n');
    return end < 0 ? '' : stack.slice(end + 1);
  }
}

type AnyFunction = (...args: never[]) => unknown;

/** What each frame costs is paid for every payload, whether its stack will be read or not. */
const FRAMES = 4;

function captureStack(into: object, below: AnyFunction): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.min(limit, FRAMES);
  Error.captureStackTrace(into, below);
  Error.stackTraceLimit = limit;
}
