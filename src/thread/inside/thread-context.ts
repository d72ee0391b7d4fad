import { InvalidOptionError } from '../../errors.js';
import type { Adopt, Execute, TaskContext } from '../../task/shapes.js';

/** An attempt in this thread, as its payload's context sees it. */
export interface Contextual {
  readonly task: string;
  readonly number: number;
  readonly signal: AbortSignal;
  readonly children: { readonly adopt: Adopt; readonly execute: Execute };
  ready(): void;
  onTeardown(teardown: () => unknown): void;
}

/** What a payload in a thread sees of its attempt: as on the main thread, nothing is made until it's read. */
export class ThreadContext implements TaskContext {
  readonly #attempt: Contextual;

  constructor(attempt: Contextual) {
    this.#attempt = attempt;
  }

  get name(): string {
    return this.#attempt.task;
  }

  get attempt(): number {
    return this.#attempt.number;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get ready(): () => void {
    return () => {
      this.#attempt.ready();
    };
  }

  get onTeardown(): (teardown: () => unknown) => void {
    return (teardown) => {
      if (typeof teardown !== 'function') {
        throw new InvalidOptionError('onTeardown', teardown, 'give a function, which may be async');
      }
      this.#attempt.onTeardown(teardown);
    };
  }

  get adopt(): Adopt {
    return this.#attempt.children.adopt;
  }

  get execute(): Execute {
    return this.#attempt.children.execute;
  }
}
