import { type StopReason, fixed } from '../../report.js';
import type { AnyFunction } from '../../task/shapes.js';
import {
  CANCEL,
  CREDIT,
  DEFINE,
  type Define,
  ENTER,
  type Enter,
  type ToThread,
} from '../protocol.js';
import { type Said, isBatch } from '../outbox.js';
import type { Seats } from '../seats.js';
import { decodeError } from '../error-codec.js';
import { AttemptInThread } from './attempt-in-thread.js';
import type { Voice } from './voice.js';

/** Finds an export, loading its module: at once when that has been done before. */
export type Find = (define: Define, task: string) => AnyFunction | Promise<AnyFunction>;

/**
 * Where a thread's payloads come in: enters them one after another, in the order of their coming, each
 * when the one before is over, teardown included (or as many at a time as `overlap` says).
 */
export class Desk {
  readonly #seats: Seats;
  readonly #overlap: number;
  readonly #voice: Voice;
  readonly #find: Find;
  readonly #exit: () => void;
  readonly #idle: () => void;
  readonly #targets = new Map<number, Define>();
  readonly #attempts = new Map<number, AttemptInThread>();
  /** Of those whose module is being loaded: why they're not to be entered any more, if it's so. */
  readonly #loading = new Map<number, StopReason | undefined>();
  #waiting: Enter[] = [];
  #running = 0;
  #proceeding = false;

  /**
   * @param exit  Ends the thread: nothing more is to come.
   * @param idle  Told when there's nothing to be done any more, unless `receive` returns with that.
   */
  constructor(
    seats: Seats,
    overlap: number,
    voice: Voice,
    find: Find,
    exit: () => void,
    idle: () => void,
  ) {
    this.#seats = seats;
    this.#overlap = overlap;
    this.#voice = voice;
    this.#find = find;
    this.#exit = exit;
    this.#idle = idle;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  receive(said: Said<ToThread>): void {
    if (isBatch(said)) for (const message of said) this.#hear(message);
    else this.#hear(said);
    this.#proceed();
  }

  /** Tells an attempt that something of it couldn't be sent; false when it's over already. */
  refuse(id: number, error: unknown): boolean {
    return this.#attempts.get(id)?.refuse(error) ?? false;
  }

  #hear(message: ToThread): void {
    if (message[0] === ENTER) this.#waiting.push(message);
    else if (message[0] === DEFINE) this.#targets.set(message[1], message);
    else if (message[0] === CREDIT) this.#attempts.get(message[1])?.grant(message[2]);
    else if (message[0] === CANCEL)
      this.#cancel(message[1], fixed(decodeError(message[2]) as StopReason));
    else this.#exit();
  }

  #cancel(id: number, reason: StopReason): void {
    if (this.#loading.has(id)) this.#loading.set(id, reason);
    else this.#attempts.get(id)?.cancel(reason);
  }

  #proceed(): void {
    // One that is over at once is followed by the next one in this loop, not from inside itself.
    if (this.#proceeding) return;
    this.#proceeding = true;
    let taken = 0;
    while (this.#running < this.#overlap && taken < this.#waiting.length) {
      const enter = this.#waiting[taken++];
      if (enter && this.#seats.take(enter[2], enter[1])) this.#begin(enter);
    }
    this.#waiting = this.#waiting.slice(taken);
    this.#proceeding = false;
  }

  #begin(enter: Enter): void {
    const [, id, , target, , task] = enter;
    const define = this.#targets.get(target);
    if (!define) throw new RangeError(`nothing is known of target ${target}`);
    this.#running++;
    const found = this.#find(define, task);
    if (typeof found === 'function') this.#enter(enter, define, found);
    else {
      this.#loading.set(id, undefined);
      void found.then(
        (payload) => {
          this.#loaded(enter, define, payload);
        },
        (error: unknown) => {
          this.#loading.delete(id);
          this.#voice.failed(id, error);
          this.#end(id);
        },
      );
    }
  }

  #loaded(enter: Enter, define: Define, payload: AnyFunction): void {
    const [, id] = enter;
    const isCancelled = this.#loading.get(id) !== undefined;
    this.#loading.delete(id);
    if (isCancelled) this.#end(id);
    else this.#enter(enter, define, payload);
  }

  #enter([, id, , , args, task, number]: Enter, define: Define, payload: AnyFunction): void {
    const [, , , , window, overflow] = define;
    const order = { id, payload, args, task, attempt: number, window, overflow };
    const attempt = new AttemptInThread(order, this.#voice, () => {
      this.#attempts.delete(id);
      this.#isOver();
    });
    this.#attempts.set(id, attempt);
    attempt.enter();
  }

  #end(id: number): void {
    this.#voice.over(id, []);
    this.#isOver();
  }

  #isOver(): void {
    this.#running--;
    if (this.#proceeding) return;
    this.#proceed();
    if (this.isIdle) this.#idle();
  }
}
