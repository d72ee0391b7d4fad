import type { StopReason } from '../../report.js';
import { type Copied, copyBytes, isBulky } from '../bulk.js';
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
  idOf,
} from '../protocol.js';
import { isNormalEnd } from '../../task/is-normal-end.js';
import { isTransfer } from '../../task/transfer.js';
import type { Voice } from './voice.js';

/** As many values as one message holds at the most. */
const MOST = 64;

/** What of a value is moved, if it's to be moved or is best copied by hand. */
function toMoved(value: unknown): Copied | undefined {
  if (isTransfer(value)) return { values: [value.value], list: value.list };
  return isBulky(value) ? copyBytes([value]) : undefined;
}

/**
 * Says over the port what becomes of the attempts in this thread: values by the batch, ends at once.
 */
export class Speaker implements Voice {
  readonly #outbox: Outbox<FromThread>;
  /** Whose value was refused last. */
  #culprit = NaN;
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
    this.#outbox.say([READY, id]);
  }

  value(id: number, value: unknown): void {
    const moved = toMoved(value);
    if (moved) {
      this.#outbox.flush();
      // What has been flushed may just have failed it.
      if (this.#culprit !== id) this.#outbox.send([VALUES, id, [...moved.values]], moved.list);
      return;
    }
    const { last } = this.#outbox;
    if (last?.[0] !== VALUES || last[1] !== id) this.#outbox.push([VALUES, id, [value]]);
    else if (last[2].push(value) >= MOST) this.#outbox.flush();
  }

  result(id: number, value: unknown): void {
    const moved = toMoved(value);
    if (moved) this.#outbox.send([RESULT, id, moved.values[0]], moved.list);
    else this.#outbox.say([RESULT, id, value]);
  }

  completed(id: number): void {
    this.#outbox.push([COMPLETED, id]);
  }

  failed(id: number, error: unknown, asked?: StopReason): void {
    const isNormal = asked && isNormalEnd(error, asked);
    this.#outbox.push(isNormal ? [FAILED, id] : [FAILED, id, encodeError(error)]);
  }

  over(id: number, errors: readonly unknown[]): void {
    // At once: whatever is entered next may take long.
    this.#outbox.say(errors.length === 0 ? [OVER, id] : [OVER, id, errors.map(encodeError)]);
  }

  hurry(): void {
    this.#outbox.hurry();
  }

  flush(): void {
    this.#outbox.flush();
  }

  /**
   * Only values can be refused. Those before the culprit go as they are; what comes after it doesn't,
   * but for the end of it all.
   */
  #mend(message: FromThread, error: unknown, rest: FromThread[]): FromThread[] {
    const id = idOf(message) ?? NaN;
    if (message[0] === VALUES && message[2].length > 1) {
      return [...message[2].map((value): FromThread => [VALUES, id, [value]]), ...rest];
    }
    this.#culprit = id;
    const others = rest.filter((other) => idOf(other) !== id || other[0] === OVER);
    const hasFailed = rest.some((other) => idOf(other) === id && other[0] === FAILED);
    if (this.#refuse(id, error) && !hasFailed) return others;
    // It has told of its end already, or of another failure that came later.
    const over: FromThread[] = message[0] === RESULT ? [[OVER, id]] : [];
    return [[REFUSED, id, encodeError(error)], ...over, ...others];
  }
}
