/* eslint-disable @typescript-eslint/no-deprecated -- an entry is a Subscriber */
import { Subscriber } from 'rxjs';
import type { TaskContext } from '../../src/task/shapes.js';
import type { Entry, Leave } from '../../src/task/shapes.js';
import type { Payload } from '../../src/task/shapes.js';

/**
 * An attempt as a payload sees it, with no runner behind it: it notes what it's told, and has as much
 * demand as it is given.
 */
export class FakeEntry extends Subscriber<unknown> implements Entry {
  readonly payload: Payload;
  readonly args: readonly unknown[];
  readonly context = { name: 'fake', attempt: 1 } as TaskContext;
  leave: Leave | undefined;
  /** `a`, `b`, then `complete` or `error`: in the order in which they came. */
  readonly notes: (['next', unknown] | ['error', unknown] | ['complete'])[] = [];
  /** Called with each value, as it is taken. */
  onNext: (value: unknown) => void = () => undefined;
  /** Resolves at the first error or completion. */
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  #demand: number;
  #resume: (() => void) | undefined;

  constructor(payload: Payload, args: readonly unknown[] = [], demand = Infinity) {
    super();
    this.payload = payload;
    this.args = args;
    this.#demand = demand;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  get values(): unknown[] {
    return this.notes.flatMap((note) => (note[0] === 'next' ? [note[1]] : []));
  }

  override next(value?: unknown): void {
    this.#demand--;
    this.notes.push(['next', value]);
    this.onNext(value);
  }

  override error(error: unknown): void {
    this.notes.push(['error', error]);
    this.#end();
  }

  override complete(): void {
    this.notes.push(['complete']);
    this.#end();
  }

  /** Leaves as the runner does when the attempt is asked to stop and `leave` is a function. */
  askToLeave(): void {
    if (typeof this.leave !== 'function') throw new Error(`cannot be asked: ${typeof this.leave}`);
    this.leave();
  }

  /** Whether the payload waits for demand. */
  get isParked(): boolean {
    return this.#resume !== undefined;
  }

  /** Asks for some more values. */
  demand(more: number): void {
    this.#demand += more;
    const resume = this.#resume;
    if (this.#demand < 1) return;
    this.#resume = undefined;
    resume?.();
  }

  mayPull(resume: () => void): boolean {
    this.#resume = this.#demand < 1 ? resume : undefined;
    return !this.#resume;
  }
}

/** Resolves when the microtasks that are queued now, and those that they queue, have run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
