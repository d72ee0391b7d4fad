import { CloneError, OverflowError } from '../../errors.js';
import { type StopReason, fixed } from '../../report.js';
import { enterPayload } from '../../task/enter-payload.js';
import type { AnyFunction, Leave, Sink, TaskContext } from '../../task/shapes.js';
import { Credit } from './credit.js';
import { Held } from './held.js';
import { leaveSource } from './leave-source.js';
import { subscribeHere } from './subscribe-here.js';
import { type Contextual, ThreadContext } from './thread-context.js';
import type { Order, Voice } from './voice.js';

/**
 * One attempt, on the thread's side: runs the payload and says what becomes of it.
 *
 *   enter ──> open ── completes, fails, overflows ──> source over ──> teardowns ──> over
 *               └──── cancel: signal aborts, source is left ──┘
 *
 * The grace, the verdict and the narration are the main thread's.
 */
export class AttemptInThread implements Sink, Contextual {
  readonly payload: AnyFunction;
  readonly args: readonly unknown[];
  leave: Leave | undefined = undefined;
  readonly order: Order;
  readonly #voice: Voice;
  readonly #whenOver: () => void;
  readonly #errors: unknown[] = [];
  #phase: 'entering' | 'open' | 'closing' | 'over' = 'entering';
  #sourceOver = false;
  #hasFailed = false;
  #reason: StopReason | undefined;
  #credit: Credit | undefined;
  #held: Held | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(order: Order, voice: Voice, whenOver: () => void) {
    this.payload = order.payload;
    this.args = order.args;
    this.order = order;
    this.#voice = voice;
    this.#whenOver = whenOver;
  }

  get context(): TaskContext {
    return new ThreadContext(this);
  }

  enter(): void {
    try {
      enterPayload(this, (source$) => {
        subscribeHere(source$, this, (unsubscribe) => (this.#unsubscribe = unsubscribe));
      });
    } catch (error) {
      this.error(error);
    }
    this.leave ??= 'unsubscribe';
    if (this.#phase !== 'entering') return;
    this.#phase = 'open';
    if (this.#reason) this.#leaveSource();
  }

  hold(): Held {
    const childFailed = (error: unknown) => {
      if (this.#hasFailed || this.#sourceOver) this.#errors.push(error);
      else this.#fail(error);
    };
    return (this.#held ??= new Held(this.order.task, childFailed, this.#phase === 'over'));
  }

  ready(): void {
    this.#voice.ready(this.order.id);
  }

  mayPull(resume: () => void): boolean {
    this.#voice.hurry();
    return this.#window().mayPull(resume);
  }

  next(value?: unknown): void {
    if (value === undefined || this.#sourceOver || this.#hasFailed) return;
    if (!this.#window().take(value))
      this.#fail(new OverflowError(this.order.task, this.order.window));
    // Whoever pushes may go on for long before this tick is over.
    else if (this.leave === 'unsubscribe') this.#voice.hurry();
  }

  /** Most payloads have one value, and nothing to be torn down. */
  last(value: unknown): void {
    if (value === undefined || this.#held || this.#sourceOver) {
      this.next(value);
      this.complete();
    } else {
      this.#sourceOver = true;
      this.#phase = 'over';
      this.#voice.result(this.order.id, value);
      this.#whenOver();
    }
  }

  complete(): void {
    this.#end();
  }

  error(error: unknown): void {
    this.#end(() => {
      if (this.#hasFailed) this.#errors.push(error);
      else this.#tellFailure(error);
    });
  }

  /** So many values have been consumed. */
  grant(values: number): void {
    this.#credit?.grant(values);
  }

  /** Asks it to stop. */
  cancel(reason: StopReason): void {
    if (this.#reason || this.#phase === 'over') return;
    this.#reason = reason;
    this.hold().stop(reason);
    if (this.#phase === 'open') this.#leaveSource();
  }

  /** What it has emitted can't be cloned; false when it has told all there is to tell. */
  refuse(error: unknown): boolean {
    if (this.#phase === 'over') return false;
    if (!this.#hasFailed) this.#fail(new CloneError(this.order.task, 'a value', error));
    return true;
  }

  /** The source is over. What is kept goes ahead of that. */
  #end(tell?: () => void): void {
    if (this.#sourceOver) return;
    this.#sourceOver = true;
    const end = () => {
      tell?.();
      this.#close();
    };
    if (this.#credit) this.#credit.whenSent(end);
    else end();
  }

  /** Fails it for a reason of ours: the source is left. */
  #fail(error: unknown): void {
    this.#tellFailure(error);
    this.#credit?.drop();
    this.#held?.abort(fixed({ type: 'failure', cause: error }));
    this.#leaveSource();
  }

  #tellFailure(error: unknown): void {
    this.#hasFailed = true;
    this.#voice.failed(this.order.id, error, this.#reason);
  }

  #window(): Credit {
    const { id, window, overflow } = this.order;
    return (this.#credit ??= new Credit(window, overflow, (value) => {
      this.#voice.value(id, value);
    }));
  }

  #leaveSource(): void {
    if (this.#sourceOver) return;
    const endsByItself = !this.#hasFailed && this.#held?.hasSignal;
    leaveSource(this, endsByItself ? undefined : this.#unsubscribe);
  }

  #close(): void {
    this.#phase = 'closing';
    if (!this.#held || this.#held.isEmpty) this.#over();
    else {
      if (!this.#hasFailed) this.#voice.completed(this.order.id);
      this.#held.end(this.#errors, () => {
        this.#over();
      });
    }
  }

  #over(): void {
    this.#phase = 'over';
    this.#voice.over(this.order.id, this.#errors);
    this.#whenOver();
  }
}
