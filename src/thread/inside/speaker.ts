import { encodeError } from '../error-codec.js';
import { Outbox, type Post } from '../outbox.js';
import {
  COMPLETED,
  FAILED,
  type FromThread,
  OVER,
  READY,
  REFUSED,
  RESULT,
  VALUES,
} from '../protocol.js';
import { isTransfer } from '../../task/transfer.js';
import type { Voice } from './voice.js';

/** As many values as one message holds at the most. */
const MOST = 64;

/**
 * Says over the port what becomes of the attempts in this thread, batched: values of one attempt in one
 * list, and a payload of one value with its end in one message.
 */
export class Speaker implements Voice {
  readonly #outbox: Outbox<FromThread>;
  readonly #refuse: (id: number, error: unknown) => boolean;

  /** @param refuse  Fails an attempt that is open still, for a value that can't be cloned. */
  constructor(post: Post<FromThread>, refuse: (id: number, error: unknown) => boolean) {
    this.#refuse = refuse;
    this.#outbox = new Outbox(post, (message, error, rest) => this.#mend(message, error, rest));
  }

  say(message: FromThread): void {
    this.#outbox.push(message);
  }

  ready(id: number): void {
    this.#outbox.push([READY, id]);
    this.#outbox.hurry();
  }

  value(id: number, value: unknown): void {
    if (isTransfer(value)) {
      this.#outbox.send([VALUES, id, [value.value]], value.list);
      return;
    }
    const { last } = this.#outbox;
    if (last?.[0] !== VALUES || last[1] !== id) this.#outbox.push([VALUES, id, [value]]);
    else if (last[2].push(value) >= MOST) this.#outbox.flush();
  }

  completed(id: number): void {
    this.#outbox.push([COMPLETED, id]);
  }

  failed(id: number, error: unknown, asked: boolean): void {
    this.#outbox.push(asked ? [FAILED, id] : [FAILED, id, encodeError(error)]);
  }

  over(id: number, errors: readonly unknown[]): void {
    const { last } = this.#outbox;
    if (errors.length > 0) this.#outbox.push([OVER, id, errors.map(encodeError)]);
    else if (last?.[0] === VALUES && last[1] === id && last[2].length === 1) {
      this.#outbox.pop();
      this.#outbox.push([RESULT, id, last[2][0]]);
    } else this.#outbox.push([OVER, id]);
    // At once: whatever is entered next may take long. What many of them cost is little (see `Line`).
    this.#outbox.flush();
  }

  hurry(): void {
    this.#outbox.hurry();
  }

  flush(): void {
    this.#outbox.flush();
  }

  /** Only values can be refused. Those before the culprit go as they are; with it, its attempt fails. */
  #mend(message: FromThread, error: unknown, rest: FromThread[]): FromThread[] {
    const id = message[1] as number;
    if (message[0] === VALUES && message[2].length > 1) {
      return [...message[2].map((value): FromThread => [VALUES, id, [value]]), ...rest];
    }
    const others = rest.filter((other) => other[1] !== id);
    if (this.#refuse(id, error)) return others;
    // It's over already, so what it has said of that is taken back.
    return [[REFUSED, id, encodeError(error)], ...others];
  }
}
