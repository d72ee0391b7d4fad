import type { StopReason } from '../../report.js';
import { runTeardowns } from '../../task/teardowns.js';
import { type Children, raiseChildren } from './children.js';

/** What a payload has asked its context for, so far. Nothing is made before it asks. */
export class Held {
  readonly teardowns: (() => unknown)[] = [];
  #controller: AbortController | undefined;
  #children: Children | undefined;
  #reason: StopReason | undefined;

  /** Whether the payload knows of its signal, and ends by itself when that aborts. */
  get hasSignal(): boolean {
    return this.#controller !== undefined;
  }

  /** Whether there's anything to be ended with the attempt. */
  get isEmpty(): boolean {
    return this.teardowns.length === 0 && !this.#children;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: StopReason): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  childrenOf(task: string, failed: (error: unknown) => void): Children {
    return (this.#children ??= raiseChildren(task, failed));
  }

  stopChildren(reason: StopReason | undefined, whenDone: () => void): void {
    if (this.#children) void this.#children.stop(reason).then(whenDone);
    else whenDone();
  }

  tearDown(onError: (error: unknown) => void, whenDone: () => void): void {
    runTeardowns(this.teardowns, onError, whenDone);
  }
}
