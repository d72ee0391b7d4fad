import { types } from 'node:util';
import {
  BackendClosedError,
  BackendDownError,
  CancelledError,
  CloneError,
  DependencyError,
  DuplicateNameError,
  InvalidOptionError,
  InvalidPayloadError,
  MissingPackageError,
  OrphanedValueError,
  OverdueError,
  OverflowError,
  QueueFullError,
  RestartLimitError,
  RunnerFailedError,
  RunnerStateError,
  RxvisorError,
  StopRestarting,
  UnknownTaskError,
  UsageError,
  WorkerCrashError,
} from '../errors.js';
import { peek } from '../show.js';

/** The well-known class that an error is of, or descends from: its code if it's ours, else its name. */
export type Nature = string;

interface ErrorClass {
  readonly prototype: object;
}

/** Known by their names. A user's class may descend from ours and have a code of its own. */
const NAMED: readonly (ErrorClass & { readonly name: string })[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  DOMException,
  RxvisorError,
];

/** Known by their codes, which are stable. */
const CODED: Readonly<Record<`ERR_RXVISOR${string}`, ErrorClass>> = {
  ERR_RXVISOR: RxvisorError,
  ERR_RXVISOR_CANCELLED: CancelledError,
  ERR_RXVISOR_CLONE: CloneError,
  ERR_RXVISOR_DEPENDENCY: DependencyError,
  ERR_RXVISOR_DUPLICATE_NAME: DuplicateNameError,
  ERR_RXVISOR_INVALID_OPTION: InvalidOptionError,
  ERR_RXVISOR_INVALID_PAYLOAD: InvalidPayloadError,
  ERR_RXVISOR_MISSING_PACKAGE: MissingPackageError,
  ERR_RXVISOR_ORPHANED_VALUE: OrphanedValueError,
  ERR_RXVISOR_OVERDUE: OverdueError,
  ERR_RXVISOR_OVERFLOW: OverflowError,
  ERR_RXVISOR_QUEUE_FULL: QueueFullError,
  ERR_RXVISOR_RESTART_LIMIT: RestartLimitError,
  ERR_RXVISOR_RUNNER_FAILED: RunnerFailedError,
  ERR_RXVISOR_RUNNER_STATE: RunnerStateError,
  ERR_RXVISOR_STOP_RESTARTING: StopRestarting,
  ERR_RXVISOR_BACKEND_CLOSED: BackendClosedError,
  ERR_RXVISOR_BACKEND_DOWN: BackendDownError,
  ERR_RXVISOR_UNKNOWN_TASK: UnknownTaskError,
  ERR_RXVISOR_USAGE: UsageError,
  ERR_RXVISOR_WORKER_CRASH: WorkerCrashError,
};

const byName = new Map<unknown, ErrorClass>(NAMED.map((each) => [each.name, each]));
const byCode = new Map<unknown, ErrorClass>(Object.entries(CODED));

/**
 * What an error is by its nature; `undefined` for what is none. `instanceof` would not do: an error may come
 * from another realm or be of another copy of this package, and old-style errors only inherit from `Error`.
 */
export function natureOf(value: object): Nature | undefined {
  const ancestor = lineageOf(value).find((name) => byName.has(name));
  if (!types.isNativeError(value) && ancestor === undefined && !looksLikeError(value)) return;
  const code = peek(value, 'code');
  return byCode.has(code) ? (code as string) : (ancestor ?? 'Error');
}

/**
 * Makes an error of that nature with nothing of its own but, if the engine wants it so, its name and message.
 * No constructor of ours runs: each would have its own idea of the message.
 */
export function makeError(nature: Nature, name: unknown, message: unknown): object {
  if (nature === 'DOMException') return withoutStack(new DOMException(say(message), say(name)));
  const { prototype } = byCode.get(nature) ?? byName.get(nature) ?? Error;
  return Object.setPrototypeOf(withoutStack(new Error()), prototype) as object;
}

/** The names of the classes that a value descends from, nearest first. */
function lineageOf(value: object): string[] {
  const names: string[] = [];
  try {
    let ancestor: unknown = Object.getPrototypeOf(value);
    // A proxy may have ancestors without end.
    for (let n = 0; n < MOST_ANCESTORS && ancestor; n++) {
      if (Object.hasOwn(ancestor, 'constructor')) {
        names.push(say(peek(peek(ancestor, 'constructor'), 'name')));
      }
      ancestor = Object.getPrototypeOf(ancestor);
    }
  } catch {
    // What could be seen is what there is.
  }
  return names;
}

const MOST_ANCESTORS = 100;

/** Plain data is data, even if it has been an error once. */
function looksLikeError(value: object): boolean {
  if (isPlain(value)) return false;
  return ['name', 'message', 'stack'].every((member) => typeof peek(value, member) === 'string');
}

/** Whether it's an object without a class, from whichever realm. */
export function isPlain(value: object): boolean {
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
  } catch {
    return false;
  }
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

function withoutStack(error: Error): Error {
  delete error.stack;
  return error;
}

const say = (value: unknown) => (typeof value === 'string' ? value : '');
