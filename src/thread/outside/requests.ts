import type { Target } from '../../task/threaded-payload.js';
import { type Transferable, unwrap } from '../../task/transfer.js';
import { encodeError } from '../error-codec.js';
import { Outbox, type Post } from '../outbox.js';
import { CANCEL, CLOSE, CREDIT, DEFINE, ENTER, type ToThread } from '../protocol.js';
import type { Assignment } from './assignment.js';

/** What is asked of one thread. */
export class Requests {
  readonly #outbox: Outbox<ToThread>;
  readonly #targets = new Map<Target, number>();

  /** @param refused  What of a payload can't be cloned, and why. */
  constructor(post: Post<ToThread>, refused: (id: number, what: string, error: unknown) => void) {
    this.#outbox = new Outbox(post, (message, error, rest) => {
      if (message[0] === ENTER) refused(message[1], whatOf(message[4]), error);
      return rest;
    });
  }

  enter({ id, seat, payload, entry }: Assignment): void {
    const { name, attempt } = entry.context;
    const list: Transferable[] = [];
    const args = payload.args.map((arg) => unwrap(arg, list));
    const request: ToThread = [ENTER, id, seat, this.#define(payload.target), args, name, attempt];
    if (list.length > 0) this.#outbox.send(request, list);
    else this.#outbox.push(request);
  }

  credit({ id }: Assignment, values: number): void {
    this.#outbox.push([CREDIT, id, values]);
  }

  cancel({ id }: Assignment, reason: unknown): void {
    this.#outbox.push([CANCEL, id, encodeError(reason)]);
  }

  close(): void {
    this.#outbox.push([CLOSE]);
    this.#outbox.flush();
  }

  /** An export is told once to a thread; from then on it has a number. */
  #define(target: Target): number {
    const known = this.#targets.get(target);
    if (known !== undefined) return known;
    const { module, export: name, window, overflow } = target;
    const number = this.#targets.size;
    this.#targets.set(target, number);
    this.#outbox.push([DEFINE, number, module, name, window, overflow]);
    return number;
  }
}

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
