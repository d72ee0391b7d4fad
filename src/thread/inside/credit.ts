import type { Overflow } from '../../task/threaded-payload.js';

/** What becomes of the values that a payload emits. */
export interface Window {
  /** Whether a pulled source may be asked for the next one; if not, `resume` is called when it may. */
  mayPull(resume: () => void): boolean;
  /** Takes a value; false when that overflows, which is an error. */
  take(value: unknown): boolean;
  /** So many have been consumed. */
  grant(values: number): void;
  /** Calls back when all that has been taken is on its way: now, if it's so. */
  whenSent(work: () => void): void;
}

/**
 * How far a producer may run ahead of its consumer: by a window of values, each of which is on its way
 * or waits over there until it has been consumed.
 *
 * A source that is pulled just isn't asked for more. One that pushes overflows by policy. Of what is on
 * its way nothing can be dropped any more, so `'drop-oldest'` keeps half of the window back for what
 * has not been sent.
 */
export class Credit implements Window {
  readonly #send: (value: unknown) => void;
  readonly #overflow: Overflow;
  readonly #keeps: number;
  readonly #kept: unknown[] = [];
  #credit: number;
  #resume: (() => void) | undefined;
  #whenSent: (() => void) | undefined;

  constructor(window: number, overflow: Overflow, send: (value: unknown) => void) {
    this.#send = send;
    this.#overflow = overflow;
    this.#keeps = overflow === 'drop-oldest' ? Math.ceil(window / 2) : 0;
    this.#credit = window - this.#keeps;
  }

  mayPull(resume: () => void): boolean {
    if (this.#credit > 0) return true;
    this.#resume = resume;
    return false;
  }

  take(value: unknown): boolean {
    if (this.#credit > 0) {
      this.#credit--;
      this.#send(value);
      return true;
    }
    if (this.#overflow === 'drop-oldest') {
      this.#kept.push(value);
      if (this.#kept.length > this.#keeps) this.#kept.shift();
    }
    return this.#overflow !== 'error';
  }

  grant(values: number): void {
    this.#credit += values;
    while (this.#credit > 0 && this.#kept.length > 0) this.take(this.#kept.shift());
    const resume = this.#credit > 0 ? this.#resume : undefined;
    if (resume) this.#resume = undefined;
    resume?.();
    if (this.#kept.length === 0) this.#sent();
  }

  whenSent(work: () => void): void {
    this.#whenSent = work;
    if (this.#kept.length === 0) this.#sent();
  }

  /** Gives up what has not been sent. */
  drop(): void {
    this.#kept.length = 0;
    this.#sent();
  }

  #sent(): void {
    const work = this.#whenSent;
    this.#whenSent = undefined;
    work?.();
  }
}
