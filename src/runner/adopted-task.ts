import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import type { Adopted } from '../task/shapes.js';
import { Audience } from './audience.js';
import type { End } from './end.js';
import { Life } from './life.js';
import { type GivenReason, toStopReason } from './stop-reason.js';

/**
 * An adopted task, hot: what its attempts emit, to whoever is subscribed at that moment.
 *
 * Its values are to be taken: one that is emitted while nobody is subscribed crashes the attempt.
 * Its errors are the runner's: subscribers see a completion when its life ends, however it ended
 * (with `errors: 'deliver'` the final error instead). Unsubscribing doesn't stop the task.
 */
export class AdoptedTask<T> extends Observable<T> implements Adopted<T> {
  readonly #life: AdoptedLife;

  /** @internal */
  constructor(life: AdoptedLife) {
    super(attend);
    this.#life = life;
  }

  /** Path of the task. */
  get name(): string {
    return this.#life.name;
  }

  /** Asks the task to stop. Resolves when its life is over; never rejects. */
  stop(reason?: GivenReason): Promise<void> {
    return new Promise((resolve) => {
      this.#life.stop(toStopReason('stop', reason));
      this.#life.whenOver(resolve);
    });
  }

  /** @internal */
  static attend(task: AdoptedTask<unknown>, subscriber: Subscriber<unknown>): TeardownLogic {
    return task.#life.attend(subscriber);
  }
}

/** One function for all tasks, not a closure for each. */
function attend(this: Observable<unknown>, subscriber: Subscriber<unknown>): TeardownLogic {
  return AdoptedTask.attend(this as AdoptedTask<unknown>, subscriber);
}

/** The life of an adopted task: its values go to whoever is subscribed. */
export class AdoptedLife extends Life {
  #audience: Audience<unknown> | undefined = undefined;

  get origin(): 'adopt' {
    return 'adopt';
  }

  attend(subscriber: Subscriber<unknown>): TeardownLogic {
    this.#audience ??= new Audience();
    // Whoever comes late gets the end; an error that is to be delivered has been put here by `tellEnd`.
    if (this.state === 'over' && this.terms.errors === 'fatal') this.#audience.complete();
    return this.#audience.join(subscriber);
  }

  take(value: unknown): boolean {
    if (!this.#audience?.observed) return false;
    this.#audience.next(value);
    return true;
  }

  protected judge(): 'fatal' | 'taken' | 'tolerated' {
    if (this.host) return this.host.judge();
    return this.terms.errors === 'deliver' && this.#audience?.observed ? 'taken' : 'fatal';
  }

  protected tellEnd({ outcome, failure }: End): void {
    if (this.terms.errors === 'deliver') this.#audience ??= new Audience();
    if (this.terms.errors === 'deliver' && outcome === 'failed')
      this.#audience?.error(failure?.error);
    else this.#audience?.complete();
  }
}
