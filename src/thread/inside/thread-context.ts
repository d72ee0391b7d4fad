import { InvalidOptionError } from '../../errors.js';
import type { Adopt, Execute, TaskContext } from '../../task/shapes.js';
import type { Held } from './held.js';
import type { Order } from './voice.js';

/** An attempt in this thread, as its payload's context sees it. */
export interface Contextual {
  readonly order: Pick<Order, 'task' | 'attempt'>;
  hold(): Held;
  ready(): void;
}

/** What a payload in a thread sees of its attempt: as on the main thread, nothing is made until it's read. */
export class ThreadContext implements TaskContext {
  readonly #attempt: Contextual;

  constructor(attempt: Contextual) {
    this.#attempt = attempt;
  }

  get name(): string {
    return this.#attempt.order.task;
  }

  get attempt(): number {
    return this.#attempt.order.attempt;
  }

  get signal(): AbortSignal {
    return this.#attempt.hold().signal;
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
      this.#attempt.hold().onTeardown(teardown);
    };
  }

  get adopt(): Adopt {
    return this.#attempt.hold().children.adopt;
  }

  get execute(): Execute {
    return this.#attempt.hold().children.execute;
  }
}
