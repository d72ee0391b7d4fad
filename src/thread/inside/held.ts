import type { StopReason } from '../../report.js';
import { runTeardowns } from '../../task/teardowns.js';
import { type Children, raiseChildren } from './children.js';

/** What a payload has asked its context for, so far. Nothing is made before it asks. */
export class Held {
  readonly #task: string;
  readonly #childFailed: (error: unknown) => void;
  readonly #teardowns: (() => unknown)[] = [];
  #stopped: Promise<readonly unknown[]> | undefined;
  #controller: AbortController | undefined;
  #children: Children | undefined;
  #reason: StopReason | undefined;
  #isOver: boolean;

  /**
   * @param childFailed  Told what a child has failed with for good.
   * @param isOver       Whether the attempt is over already.
   */
  constructor(task: string, childFailed: (error: unknown) => void, isOver = false) {
    this.#task = task;
    this.#childFailed = childFailed;
    this.#isOver = isOver;
  }

  /** Whether the payload knows of its signal, and ends by itself when that aborts. */
  get hasSignal(): boolean {
    return this.#controller !== undefined;
  }

  /** Whether there's anything to be ended with the attempt. */
  get isEmpty(): boolean {
    return this.#teardowns.length === 0 && !this.#children;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get children(): Children {
    this.#children ??= raiseChildren(this.#task, this.#childFailed);
    // Nothing is adopted any more by what is to end: they refuse it.
    if (this.#isOver || this.#reason) void this.#stopChildren(this.#reason);
    return this.#children;
  }

  /** Registered after the end, it runs at once. */
  onTeardown(teardown: () => unknown): void {
    this.#teardowns.push(teardown);
    if (this.#isOver) runTeardowns(this.#teardowns, ignore, ignore);
  }

  /** Asks the children to stop, then aborts the signal. */
  stop(reason: StopReason): void {
    void this.#stopChildren(reason);
    this.abort(reason);
  }

  abort(reason: StopReason): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  /** Ends what the attempt has brought about: its children, then its teardowns, last in first out. Adds what fails. */
  end(errors: unknown[], whenDone: () => void): void {
    const over = () => {
      this.#isOver = true;
      whenDone();
    };
    const tearDown = (failures: readonly unknown[] = []) => {
      errors.push(...failures);
      runTeardowns(this.#teardowns, (error) => errors.push(error), over);
    };
    if (this.#children) void this.#stopChildren(this.#reason).then(tearDown);
    else tearDown();
  }

  /** Resolves when they're over, with what has failed as they were stopped. */
  #stopChildren(reason: StopReason | undefined): Promise<readonly unknown[]> {
    if (!this.#children) return Promise.resolve([]);
    return (this.#stopped ??= this.#children.stop(reason));
  }
}

const ignore = () => undefined;
