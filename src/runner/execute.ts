import { Observable } from 'rxjs';
import { CancelledError } from '../errors.js';
import { checkOptions } from '../task/check.js';
import { EXECUTE_CHECKS } from '../task/options.js';
import type { ExecuteOptions, AnyPayload } from '../task/shapes.js';
import { isThreaded } from '../task/threaded-payload.js';
import { checkPayload } from '../task/payload.js';
import type { Core } from './core.js';
import type { End } from './end.js';
import type { Birth } from './life-record.js';
import { Life } from './life.js';
import type { Parent } from './owner.js';
import { toPath } from './path.js';
import { UNSUBSCRIBED } from './stop-reason.js';
import { toTerms } from './terms.js';

/** For whom a payload is executed: a subscriber, or a loop that pulls. */
export interface Consumer {
  next(value: unknown): void;
  complete(): void;
  error(error: unknown): void;
  /** Demand, where there is any: see `Entry.mayPull`. */
  mayPull?(resume: () => void): boolean;
}

/** Runs a payload to its end for the subscriber, once per subscription. Cold. */
export function execute(
  core: Core,
  payload: AnyPayload,
  options?: ExecuteOptions<readonly unknown[]>,
  parent?: Parent,
): Observable<unknown> {
  const begin = prepare(core, payload, options, parent);
  return new Observable((subscriber) => {
    const execution = begin(subscriber);
    return () => {
      execution.stop(UNSUBSCRIBED);
    };
  });
}

/**
 * Checks what is to be executed, and returns what begins one execution of it.
 *
 * @throws {@link InvalidPayloadError}, {@link InvalidOptionError}; what is returned throws a
 *   {@link RunnerStateError} when it's too late to begin anything.
 */
export function prepare(
  core: Core,
  payload: AnyPayload,
  options: ExecuteOptions<readonly unknown[]> = {},
  parent?: Parent,
): (consumer: Consumer) => Life {
  checkPayload(payload);
  checkOptions(options, EXECUTE_CHECKS);
  const terms = toTerms(options, isThreaded(payload) ? core.threads.pooled(options) : undefined);
  return (consumer) => {
    const refusal = core.refusal('execute') ?? parent?.refusal('execute');
    if (refusal) throw refusal;
    const wanted = toPath(parent, options.name ?? payload);
    const number = core.lives.number(wanted);
    const life = new Execution({ core, wanted, number, payload, terms, parent }, consumer);
    if (core.state === 'running') life.begin();
    return life;
  };
}

/** The life of one execution: values, completion and error are its consumer's. */
class Execution extends Life {
  readonly #consumer: Consumer;

  constructor(birth: Birth, consumer: Consumer) {
    super(birth);
    this.#consumer = consumer;
  }

  get origin(): 'execute' {
    return 'execute';
  }

  take(value: unknown): boolean {
    this.#consumer.next(value);
    return true;
  }

  override mayPull(resume: () => void): boolean {
    return this.#consumer.mayPull?.(resume) ?? true;
  }

  protected judge(): 'taken' {
    return 'taken';
  }

  protected tellEnd({ outcome, failure, reason = UNSUBSCRIBED }: End): void {
    if (outcome === 'completed') this.#consumer.complete();
    else if (outcome === 'failed') this.#consumer.error(failure?.error);
    else {
      const cause = failure && { cause: failure.error };
      this.#consumer.error(new CancelledError(this.name, reason, cause));
    }
  }
}
