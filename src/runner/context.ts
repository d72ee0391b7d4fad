import { setMaxListeners } from 'node:events';
import { InvalidOptionError } from '../errors.js';
import type {
  Adopt,
  AdoptOptions,
  Execute,
  ExecuteOptions,
  AnyPayload,
  TaskContext,
} from '../task/shapes.js';
import type { Parent } from './owner.js';

/** Under a symbol, for a context may be of another copy of this package. */
const ATTEMPT = Symbol.for('rxvisor.attempt');

/**
 * What a payload sees of its attempt. Every member is a getter, so that it can be destructured and
 * costs nothing until it's read.
 */
export class Context implements TaskContext {
  readonly #attempt: Parent;
  readonly #number: number;

  static {
    Object.defineProperty(this.prototype, ATTEMPT, {
      get(this: Context) {
        return this.#attempt;
      },
    });
  }

  constructor(attempt: Parent) {
    this.#attempt = attempt;
    this.#number = attempt.life.attempt;
  }

  /** The attempt behind a context, for what runs as a payload and belongs to the runtime itself. */
  static attemptOf(context: TaskContext): Parent | undefined {
    return (context as { readonly [ATTEMPT]?: Parent } | undefined)?.[ATTEMPT];
  }

  get name(): string {
    return this.#attempt.life.name;
  }

  get attempt(): number {
    return this.#number;
  }

  get signal(): AbortSignal {
    const { ending } = this.#attempt;
    const held = this.#attempt.hold();
    if (held.controller) return held.controller.signal;
    held.controller = new AbortController();
    // As many listeners as the payload has things under way: that's no leak.
    setMaxListeners(0, held.controller.signal);
    if (ending?.reason) held.controller.abort(ending.reason);
    return held.controller.signal;
  }

  get ready(): () => void {
    return () => {
      const { ending, life } = this.#attempt;
      const held = this.#attempt.hold();
      if (ending || held.readyAt !== undefined) return;
      held.readyAt = life.core.now();
      life.ready();
    };
  }

  get onTeardown(): (teardown: () => unknown) => void {
    return (teardown) => {
      if (typeof teardown !== 'function') {
        throw new InvalidOptionError('onTeardown', teardown, 'give a function, which may be async');
      }
      this.#attempt.hold().teardowns.push(teardown);
      this.#attempt.ending?.tearDownLate();
    };
  }

  get adopt(): Adopt {
    return ((payload: AnyPayload, options?: AdoptOptions<readonly unknown[]>) => {
      const refusal = this.#attempt.refusal('adopt');
      if (refusal) throw refusal;
      const { core } = this.#attempt.life;
      return core.births.adopt(core, payload, options, this.#attempt);
    }) as Adopt;
  }

  get execute(): Execute {
    return (payload: AnyPayload, options?: ExecuteOptions<readonly unknown[]>) => {
      const { core } = this.#attempt.life;
      return core.births.execute(core, payload, options, this.#attempt);
    };
  }
}
