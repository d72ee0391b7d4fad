import type { StopReason } from '../../src/report.js';
import type { Entry, Leave, LeaveByForce, TaskContext } from '../../src/task/shapes.js';
import { runTeardowns } from '../../src/task/teardowns.js';
import type { ThreadedPayload } from '../../src/task/threaded-payload.js';
import type { Item } from './thread-job.js';

export interface End {
  readonly how: 'complete' | 'error';
  readonly error?: unknown;
}

/** An attempt on the main thread, as the runner is one: it takes values on demand, ends once, and awaits its teardowns. */
export class Consumer {
  readonly payload: ThreadedPayload;
  readonly args: readonly unknown[] = [];
  readonly closed = false;
  readonly context: TaskContext;
  readonly items: Item[] = [];
  /** All that has been said to it that's an end. */
  readonly ends: End[] = [];
  readonly teardownErrors: unknown[] = [];
  /** Called when it has failed. */
  onFailure: () => void = () => undefined;
  /** What was said to it after its end. */
  afterEnd = 0;
  isOver = false;
  wasAsked = false;
  leave: Leave | undefined = undefined;
  readonly #teardowns: (() => unknown)[] = [];
  readonly #controller = new AbortController();
  #demand: number;
  #asked: number;
  #resume: (() => void) | undefined;
  #isTearing = false;

  constructor(name: string, payload: ThreadedPayload, demand: number) {
    this.payload = payload;
    this.#demand = demand;
    this.#asked = demand;
    const { signal } = this.#controller;
    this.context = {
      name,
      attempt: 1,
      signal,
      ready: () => undefined,
      onTeardown: (teardown: () => unknown) => {
        this.#teardowns.push(teardown);
        if (this.isOver) this.#tearDown();
      },
    } as unknown as TaskContext;
  }

  get entry(): Entry {
    return this as unknown as Entry;
  }

  /** How many values have been consumed: its `next` has returned, or more has been asked for. */
  get consumed(): number {
    const taken = this.items.length;
    return this.wasAsked || this.ends.length > 0
      ? taken
      : Math.min(taken, Math.max(0, this.#asked - 1));
  }

  mayPull(resume: () => void): boolean {
    // As a loop that has ended: it never asks again.
    if (this.#demand > 0 && this.ends.length === 0) return true;
    this.#resume = resume;
    return false;
  }

  askFor(count: number): void {
    if (this.#demand === Infinity || this.wasAsked || this.ends.length > 0) return;
    this.#demand += count;
    this.#asked += count;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  next(value: unknown): void {
    if (this.ends.length > 0) this.afterEnd++;
    else {
      this.#demand--;
      this.items.push(value as Item);
    }
  }

  complete(): void {
    this.#end({ how: 'complete' });
  }

  error(error: unknown): void {
    this.#end({ how: 'error', error });
  }

  /** Asks it to stop; in vain when it has ended. */
  ask(reason: StopReason): void {
    if (this.ends.length > 0 || this.wasAsked) return;
    this.wasAsked = true;
    this.#controller.abort(reason);
    (this.leave as LeaveByForce | undefined)?.ask();
  }

  force(): void {
    if (!this.isOver) (this.leave as LeaveByForce | undefined)?.force();
  }

  #end(end: End): void {
    this.ends.push(end);
    if (this.ends.length > 1) return;
    this.#tearDown();
    if (end.how === 'error') this.onFailure();
  }

  #tearDown(): void {
    if (this.#isTearing) return;
    this.#isTearing = true;
    runTeardowns(
      this.#teardowns,
      (error) => this.teardownErrors.push(error),
      () => {
        this.#isTearing = false;
        this.isOver = true;
      },
    );
  }
}
