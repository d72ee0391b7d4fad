import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { types } from 'node:util';
import type { Transferable } from '../task/transfer.js';

type Message = readonly [kind: number, ...unknown[]];

/** Posts over the port. */
export type Post<M> = (said: Said<M>, transferList: readonly Transferable[]) => void;

/** What one port message holds: a batch, or the one message that there is. */
export type Said<M> = M | readonly M[];

/** What is done about a message that can't be cloned: what is to be posted instead of it and the rest. */
export type Refused<M> = (message: M, error: unknown, rest: M[]) => M[];

/** A message begins with its kind, a batch with a message. */
export const isBatch = <M extends Message>(said: Said<M>): said is readonly M[] =>
  typeof said[0] !== 'number';

/**
 * Gathers what is said in one tick and posts it as one message: what a port costs is per message.
 *
 * One thing that can't be cloned would take the others along, so a batch that is refused is posted
 * again piece by piece.
 */
export class Outbox<M extends Message> {
  readonly #post: Post<M>;
  readonly #refused: Refused<M>;
  #batch: M[] = [];
  #armed = false;
  #askedAt = 0;
  #unasked = 0;
  #allowance = MOST_AT_ONCE;

  constructor(post: Post<M>, refused: Refused<M>) {
    this.#post = post;
    this.#refused = refused;
  }

  /** The last message of this tick, to which more may be added. */
  get last(): M | undefined {
    return this.#batch.at(-1);
  }

  /** Gathers something for the next flush. */
  add(message: M): void {
    // The first of a batch is never held back without a look.
    if (this.#batch.length === 0) this.#unasked = 0;
    this.#batch.push(message);
  }

  /** Says something before the tick is over. */
  push(message: M): void {
    this.add(message);
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(this.#endTick);
  }

  /** Says something at once, after what has been gathered. */
  say(message: M): void {
    this.#batch.push(message);
    this.flush();
  }

  /** The same, moving what is in the list; false if that can't be done. */
  send(message: M, transferList: readonly Transferable[]): boolean {
    this.flush();
    try {
      checkPresent(transferList);
      this.#post(message, transferList);
      return true;
    } catch (error) {
      this.#postEach(this.#refused(message, error, []));
      return false;
    }
  }

  /**
   * Posts what there is, for the tick may be a long one: a few times at once, then once in a while. Who
   * asks again and again is answered without a look at the clock, which costs more than all the rest.
   */
  hurry(): void {
    if (this.#batch.length === 0 || --this.#unasked > 0) return;
    const now = performance.now();
    const since = now - this.#askedAt;
    this.#askedAt = now;
    this.#unasked = since < AT_ONCE ? STRIDE : 1;
    this.#allowance = Math.min(this.#allowance + since / PAUSE, MOST_AT_ONCE);
    if (this.#allowance < 1) return;
    this.#allowance--;
    this.flush();
  }

  /** Posts what has been gathered. */
  flush(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    try {
      this.#post(batch.length === 1 && batch[0] ? batch[0] : batch, NOTHING);
    } catch {
      this.#postEach(batch);
    }
  }

  readonly #endTick = (): void => {
    this.#armed = false;
    this.flush();
  };

  #postEach(batch: M[]): void {
    let rest = batch;
    for (let message = rest.shift(); message; message = rest.shift()) {
      try {
        this.#post(message, NOTHING);
      } catch (error) {
        rest = this.#refused(message, error, rest);
      }
    }
  }
}

/** How often it's posted in a hurry, and after which pause once more, in ms. */
const MOST_AT_ONCE = 8;
const PAUSE = 1;
/** After how many ms one hasn't asked again at once, and how many are answered without a look who have. */
const AT_ONCE = 0.05;
const STRIDE = 4;
const NOTHING: readonly Transferable[] = Object.freeze([]);

/** What has been moved away before is posted without complaint, and then nobody can read the message. */
function checkPresent(list: readonly Transferable[]): void {
  for (const each of list) {
    if (types.isAnyArrayBuffer(each) && each.byteLength === 0) structuredClone(each);
  }
}
