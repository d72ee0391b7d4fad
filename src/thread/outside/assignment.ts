import { CloneError, StopRestarting, type WorkerCrashError } from '../../errors.js';
import type { Entry, LeaveByForce } from '../../task/shapes.js';
import { isTransfer } from '../../task/transfer.js';
import type { ThreadedPayload } from '../../task/threaded-payload.js';
import { isBulky } from '../bulk.js';
import { type EncodedError, decodeError, withCallerStack } from '../error-codec.js';
import { Inbox } from './inbox.js';

/** A thread, as what runs on it sees it. */
export interface Workplace {
  credit(assignment: Assignment, values: number): void;
  cancel(assignment: Assignment, reason: unknown): void;
  /** Takes it back, if the thread has not taken it up; false when it's too late for that. */
  takeBack(assignment: Assignment): boolean;
  /** Ends the thread. */
  terminate(): unknown;
}

/**
 * One attempt of a threaded payload, on the main thread's side: what the thread says of it goes to the
 * entry, in order, and no faster than that consumes it.
 */
export class Assignment implements LeaveByForce {
  readonly entry: Entry;
  readonly payload: ThreadedPayload;
  /** Whether arguments of it are on the thread and nowhere else: it has to stay there. */
  readonly isMoved: boolean;
  /** Whether there's much to be copied, which is best done for one at a time. */
  readonly isBulky: boolean;
  /** Which message is about it, and where the thread finds that it's its turn. */
  id = 0;
  seat = 0;
  /** None as long as there have been no values but a single one, which is most. */
  #inbox: Inbox | undefined;
  #workplace: Workplace | undefined;
  /** Whether its entry is told of its end, or has been. */
  hasEnded = false;
  #isAsked = false;
  #isForced = false;
  #toldOver: (() => void) | undefined;

  constructor(entry: Entry, payload: ThreadedPayload) {
    this.entry = entry;
    this.payload = payload;
    this.isMoved = payload.args.some(isTransfer);
    this.isBulky = payload.args.some(isBulky);
    entry.leave = this;
  }

  /** Puts it on a thread, if there's one to be had, and if it's still wanted. */
  placeOn(find: () => { assign(assignment: Assignment): void }): void {
    if (this.hasEnded) return;
    try {
      find().assign(this);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Has been given to a thread. */
  placed(workplace: Workplace, id: number, seat: number): void {
    this.#workplace = workplace;
    this.id = id;
    this.seat = seat;
  }

  /** Is no thread's any more: it has been taken back, or is over there. */
  displaced(): void {
    this.#workplace = undefined;
  }

  ask(): void {
    this.#isAsked = true;
    if (this.hasEnded) return;
    if (!this.#workplace || this.#workplace.takeBack(this)) this.#complete();
    else this.#workplace.cancel(this, this.entry.context.signal.reason);
    // After that: credit for what nobody has consumed is to find it stopped.
    this.#inbox?.free();
  }

  force(): void {
    this.#isForced = true;
    if (this.#workplace) void this.#workplace.terminate();
    else {
      this.#complete();
      this.#inbox?.free();
    }
  }

  ready(): void {
    this.entry.context.ready();
  }

  result(value: unknown): void {
    if (this.#inbox) {
      this.#inbox.put([value]);
      this.#complete();
      return;
    }
    // What `#complete` does, without its closures: half of what most payloads cost here.
    this.hasEnded = true;
    this.entry.next(value);
    this.entry.complete();
  }

  values(values: readonly unknown[]): void {
    this.#inbox ??= new Inbox(this.entry, this.payload.window, (consumed) => {
      this.#workplace?.credit(this, consumed);
    });
    if (this.#isAsked) this.#inbox.free();
    this.#inbox.put(values);
  }

  completed(): void {
    this.#awaitTeardown();
    this.#complete();
  }

  /** @param encoded  None for what it was cancelled with. */
  failed(encoded: EncodedError | undefined): void {
    this.#awaitTeardown();
    this.fail(encoded ? this.#decode(encoded) : this.entry.context.signal.reason);
  }

  over(errors: readonly EncodedError[] = []): void {
    for (const each of errors) this.#failTeardown(this.#decode(each));
    if (this.#toldOver) this.#toldOver();
    else this.#complete();
  }

  /** Something of it can't be cloned. */
  refused(what: string, ...why: [cause?: unknown]): void {
    const { name, attempt } = this.entry.context;
    const error = new CloneError(name, what, ...why);
    // What is gone by the second attempt is gone by the third.
    this.fail(attempt > 1 ? new StopRestarting(error) : error);
  }

  /** A value of it can't be; the thread goes on to say when it's over. */
  valueRefused(cause: unknown): void {
    this.#awaitTeardown();
    this.fail(new CloneError(this.entry.context.name, 'a value', cause));
  }

  /** Its thread is dead. */
  died(crashOf: (task: string) => WorkerCrashError): void {
    const crash = crashOf(this.entry.context.name);
    withCallerStack(crash, this.payload.callerStack);
    if (this.#toldOver) {
      if (!this.#isForced) this.#failTeardown(crash);
      this.#toldOver();
    } else if (this.#isForced) this.entry.complete();
    else this.fail(crash);
  }

  /** It fails, for a reason of its own or of ours. */
  fail(error: unknown): void {
    this.#finish(() => {
      this.entry.error(error);
    });
  }

  #decode(encoded: EncodedError): unknown {
    const error = decodeError(encoded);
    withCallerStack(error, this.payload.callerStack);
    return error;
  }

  /** The end that follows is not the end of all: what the thread still tears down is awaited. */
  #awaitTeardown(): void {
    const torn = new Promise<void>((resolve) => (this.#toldOver = resolve));
    this.entry.context.onTeardown(() => torn);
  }

  #failTeardown(error: unknown): void {
    this.entry.context.onTeardown(() => {
      throw error;
    });
  }

  #complete(): void {
    this.#finish(() => {
      this.entry.complete();
    });
  }

  /** What it has emitted goes ahead of its end. */
  #finish(end: () => void): void {
    const work = () => {
      this.hasEnded = true;
      end();
    };
    if (this.#inbox) this.#inbox.whenEmpty(work);
    else if (!this.hasEnded) work();
  }
}
