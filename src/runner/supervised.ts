import { EMPTY, Observable, type Subscriber } from 'rxjs';
import { CancelledError } from '../errors.js';
import type { SuperviseOptions } from '../task/shapes.js';
import type { Parent } from './owner.js';
import type { End } from './end.js';
import type { Birth } from './life-record.js';
import { Life } from './life.js';
import { toPath } from './path.js';
import { UNSUBSCRIBED } from './stop-reason.js';

/** A source that `supervise` found piped inside an attempt: a life of its own, child of that attempt. */
export function supervised<T>(
  parent: Parent,
  source$: Observable<T>,
  options: SuperviseOptions,
): Observable<T> {
  const { name = 'supervised', ...restart } = options;
  const { core, terms } = parent.life;
  // Asked to stop while it's still being entered: nothing starts any more.
  if (parent.ending) return EMPTY;
  const wanted = toPath(parent, name);
  return new Observable((subscriber) => {
    const life = new SupervisedLife(
      {
        core,
        wanted,
        number: core.lives.number(wanted),
        payload: source$,
        terms: { ...terms, awaitReady: false, restart: { restart: 'on-failure', ...restart } },
        parent,
      },
      subscriber,
    );
    life.open();
    return () => {
      life.stop(UNSUBSCRIBED);
    };
  });
}

/** What it finally fails with is an error of the pipe it's in: the outer attempt's crash, if nobody catches it. */
class SupervisedLife extends Life {
  readonly #subscriber: Subscriber<unknown>;

  constructor(birth: Birth, subscriber: Subscriber<never>) {
    super(birth);
    this.#subscriber = subscriber;
  }

  get origin(): 'adopt' {
    return 'adopt';
  }

  take(value: unknown): boolean {
    this.#subscriber.next(value);
    return true;
  }

  protected judge(): 'taken' {
    return 'taken';
  }

  protected tellEnd({ outcome, failure, reason = UNSUBSCRIBED }: End): void {
    if (outcome === 'failed') this.#subscriber.error(failure?.error);
    // The attempt it belonged to is over: whoever shares the source has not got all there is.
    else if (outcome === 'stopped' && reason.type === 'parent') {
      this.#subscriber.error(new CancelledError(this.name, reason));
    } else this.#subscriber.complete();
  }
}
