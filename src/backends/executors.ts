import { type Check, aFunction, aName, checkGiven } from '../task/check.js';
import type { Job } from './job.js';
import type { Executor } from './task-backend.js';

/** Who does which jobs. */
export class Executors<J extends Job> {
  readonly #byType = new Map<string, Executor<J>>();
  #forAll: Executor<J> | undefined;

  /** Whether there's nobody at all. */
  get isEmpty(): boolean {
    return !this.#forAll && this.#byType.size === 0;
  }

  /** @throws {@link InvalidOptionError} */
  set(typeOrExecutor: string | Executor<J>, executor?: Executor<J>): void {
    if (executor === undefined) {
      checkGiven('executor', typeOrExecutor, anExecutor);
      this.#forAll = typeOrExecutor as Executor<J>;
    } else {
      checkGiven('type', typeOrExecutor, aName);
      checkGiven('executor', executor, anExecutor);
      this.#byType.set(typeOrExecutor as string, executor);
    }
  }

  find(type: string): Executor<J> | undefined {
    return this.#byType.get(type) ?? this.#forAll;
  }
}

const anExecutor: Check = { ...aFunction, wanted: 'give a function of a job and its context' };
