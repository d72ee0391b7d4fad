import type { ExecuteOptions, AnyPayload } from '../task/shapes.js';
import type { Core } from './core.js';
import { type Consumer, prepare } from './execute.js';
import type { Life } from './life.js';
import { UNSUBSCRIBED } from './stop-reason.js';

/**
 * An execution that is pulled: its payload is asked for a value only when the loop asks for one. It
 * begins with the first `next`. A source that pushes (an Observable) has no demand: what it emits
 * ahead of the loop is kept, without bound.
 */
export function iterate(
  core: Core,
  payload: AnyPayload,
  options: ExecuteOptions<readonly unknown[]> = {},
): AsyncIterableIterator<unknown> {
  return new Iteration(prepare(core, payload, options));
}

interface Waiting {
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

class Iteration implements AsyncIterableIterator<unknown> {
  readonly #begin: (consumer: Consumer) => Life;
  readonly #values: unknown[] = [];
  readonly #waiting: Waiting[] = [];
  #life: Life | undefined;
  #resume: (() => void) | undefined;
  /** Set at the end; its error goes to the first who asks after the last value. */
  #end: { error?: { readonly error: unknown } | undefined } | undefined;

  constructor(begin: (consumer: Consumer) => Life) {
    this.#begin = begin;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#serve();
      if (this.#waiting.length === 0 || this.#end) return;
      if (this.#life) this.#demand();
      else this.#start();
    });
  }

  /** Ends the execution, as unsubscribing does; resolves when its life is over. */
  return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#values.length = 0;
    return new Promise((resolve) => {
      // From now on it's done: that it's cancelled is no error of anybody's.
      this.#finish(undefined);
      this.#life?.stop(UNSUBSCRIBED);
      const done = () => {
        resolve({ done: true, value });
      };
      if (this.#life) this.#life.whenOver(done);
      else done();
    });
  }

  #start(): void {
    try {
      this.#life = this.#begin({
        next: (value) => {
          if (this.#end) return;
          this.#values.push(value);
          this.#serve();
        },
        complete: () => {
          this.#finish(undefined);
        },
        error: (error) => {
          this.#finish({ error });
        },
        mayPull: (resume) => {
          if (this.#waiting.length > 0) return true;
          this.#resume = resume;
          return false;
        },
      });
    } catch (error) {
      this.#finish({ error });
    }
  }

  #demand(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #finish(error: { readonly error: unknown } | undefined): void {
    this.#end ??= { error };
    this.#serve();
  }

  /** Gives those who wait what there is: values first, then the error once, then the end for ever. */
  #serve(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (!first) return;
      if (this.#values.length > 0) {
        this.#waiting.shift();
        first.resolve({ done: false, value: this.#values.shift() });
        continue;
      }
      if (!this.#end) return;
      this.#waiting.shift();
      const { error } = this.#end;
      this.#end.error = undefined;
      if (error) first.reject(error.error);
      else first.resolve({ done: true, value: undefined });
    }
  }
}
