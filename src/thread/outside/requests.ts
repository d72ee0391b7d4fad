import type { Target } from '../../task/threaded-payload.js';
import { type Transfer, type Transferable, isTransfer, unwrap } from '../../task/transfer.js';
import { type Copied, copyBytes } from '../bulk.js';
import { encodeError } from '../error-codec.js';
import { Outbox, type Post } from '../outbox.js';
import { CANCEL, CLOSE, CREDIT, DEFINE, ENTER, type ToThread } from '../protocol.js';
import type { Assignment } from './assignment.js';

/** What of a payload can't be cloned, and why, if that's known. */
export type Refusal = (id: number, what: string, ...why: [error?: unknown]) => void;

/** What is asked of one thread. */
export class Requests {
  readonly #outbox: Outbox<ToThread>;
  readonly #refused: Refusal;
  /** The exports that it knows, by what they are, and by the objects that have said so already. */
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<Target, number>();

  constructor(post: Post<ToThread>, refused: Refusal) {
    this.#refused = refused;
    this.#outbox = new Outbox(post, (message, error, rest) => {
      if (message[0] === ENTER) refused(message[1], whatOf(message[4]), error);
      return rest;
    });
  }

  /** What isn't moved goes with the next flush. */
  enter({ id, seat, payload, entry, isMoved, isBulky }: Assignment): void {
    const { name, attempt } = entry.context;
    const target = this.#define(payload.target);
    if (isMoved && payload.args.some((arg) => isTransfer(arg) && moved.has(arg))) {
      this.#refused(id, 'its arguments again, which have been moved to a thread,');
      return;
    }
    const { values, list } = pack(payload.args, isMoved, isBulky);
    const message = [ENTER, id, seat, target, values, name, attempt] as const;
    if (list.length === 0 && !isBulky) this.#outbox.add(message);
    // What was refused is still where it was.
    else if (this.#outbox.send(message, list) && isMoved) {
      for (const each of payload.args.filter(isTransfer)) moved.add(each);
    }
  }

  credit({ id }: Assignment, values: number): void {
    this.#outbox.push([CREDIT, id, values]);
  }

  cancel({ id }: Assignment, reason: unknown): void {
    // At once: what goes on meanwhile is for nobody.
    this.#outbox.say([CANCEL, id, encodeError(reason)]);
  }

  close(): void {
    this.#outbox.say([CLOSE]);
  }

  flush(): void {
    this.#outbox.flush();
  }

  /** An export is told once to a thread; from then on it has a number. */
  #define(target: Target): number {
    const known = this.#known.get(target);
    if (known !== undefined) return known;
    const { module, export: name, window, overflow, isService = false } = target;
    const key = `${window} ${overflow} ${isService} ${name} ${module}`;
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#known.set(target, number);
    if (number < this.#numbers.size) return number;
    this.#numbers.set(key, number);
    const define = [DEFINE, number, module, name, window, overflow] as const;
    this.#outbox.push(isService ? [...define, true] : define);
    return number;
  }
}

/** What has been moved once is gone: it would arrive empty. */
const moved = new WeakSet<Transfer<unknown>>();

function pack(args: readonly unknown[], isMoved: boolean, isBulky: boolean): Copied {
  if (isMoved) {
    const list: Transferable[] = [];
    return { values: args.map((arg) => unwrap(arg, list)), list };
  }
  return (isBulky ? copyBytes(args) : undefined) ?? { values: args, list: NOTHING };
}

const NOTHING: readonly Transferable[] = Object.freeze([]);

/** Which of the arguments it is, from 1. */
function whatOf(args: readonly unknown[]): string {
  const culprit = args.findIndex((arg) => !isCloneable(arg));
  return culprit < 0 ? 'its arguments' : `argument ${culprit + 1}`;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
