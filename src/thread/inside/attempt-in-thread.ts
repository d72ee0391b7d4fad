import { CloneError, OverflowError } from '../../errors.js';
import type { StopReason } from '../../report.js';
import { enterPayload } from '../../task/enter-payload.js';
import type { AnyFunction, Leave, Sink, TaskContext } from '../../task/shapes.js';
import type { Children } from './children.js';
import { Credit } from './credit.js';
import { Held } from './held.js';
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
  readonly #order: Order;
  readonly #voice: Voice;
  readonly #whenOver: () => void;
  readonly #credit: Credit;
  readonly #held = new Held();
  readonly #errors: unknown[] = [];
  #phase: 'entering' | 'open' | 'closing' | 'over' = 'entering';
  #sourceOver = false;
  #hasFailed = false;
  #isReady = false;
  #reason: StopReason | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(order: Order, voice: Voice, whenOver: () => void) {
    this.payload = order.payload;
    this.args = order.args;
    this.#order = order;
    this.#voice = voice;
    this.#whenOver = whenOver;
    this.#credit = new Credit(order.window, order.overflow, (value) => {
      voice.value(order.id, value);
    });
  }

  get task(): string {
    return this.#order.task;
  }

  get number(): number {
    return this.#order.attempt;
  }

  get context(): TaskContext {
    return new ThreadContext(this);
  }

  get signal(): AbortSignal {
    return this.#held.signal;
  }

  get children(): Children {
    return this.#held.childrenOf(this.task, (error) => {
      if (this.#hasFailed || this.#sourceOver) this.#errors.push(error);
      else this.#fail(error);
    });
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

  ready(): void {
    if (this.#isReady || this.#phase === 'closing' || this.#phase === 'over') return;
    this.#isReady = true;
    this.#voice.ready(this.#order.id);
  }

  onTeardown(teardown: () => unknown): void {
    this.#held.teardowns.push(teardown);
    if (this.#phase === 'over') this.#held.tearDown(ignore, ignore);
  }

  mayPull(resume: () => void): boolean {
    this.#voice.hurry();
    return this.#credit.mayPull(resume);
  }

  next(value?: unknown): void {
    if (value === undefined || this.#sourceOver || this.#hasFailed) return;
    if (!this.#credit.take(value)) this.#fail(new OverflowError(this.task, this.#order.window));
    // Whoever pushes may go on for long before this tick is over.
    else if (this.leave === 'unsubscribe') this.#voice.hurry();
  }

  complete(): void {
    if (this.#sourceOver) return;
    this.#sourceOver = true;
    this.#credit.whenSent(() => {
      this.#close();
    });
  }

  error(error: unknown): void {
    if (this.#sourceOver) return;
    this.#sourceOver = true;
    if (this.#hasFailed) this.#errors.push(error);
    else this.#tellFailure(error);
    this.#close();
  }

  /** So many values have been consumed. */
  grant(values: number): void {
    this.#credit.grant(values);
  }

  /** Asks it to stop. */
  cancel(reason: StopReason): void {
    if (this.#reason || this.#phase === 'over') return;
    this.#reason = reason;
    this.#held.stopChildren(reason, () => {
      this.#held.abort(reason);
      if (this.#phase === 'open') this.#leaveSource();
    });
  }

  /** What it has emitted can't be cloned. */
  refuse(error: unknown): void {
    if (!this.#hasFailed) this.#fail(new CloneError(this.task, 'a value', error));
  }

  /** Fails it for a reason of ours: the source is left. */
  #fail(error: unknown): void {
    this.#tellFailure(error);
    this.#held.abort(Object.freeze({ type: 'failure', cause: error }));
    this.#leaveSource();
  }

  #tellFailure(error: unknown): void {
    this.#hasFailed = true;
    this.#voice.failed(this.#order.id, error, this.#reason !== undefined && error === this.#reason);
  }

  #leaveSource(): void {
    const { leave } = this;
    if (this.#sourceOver) return;
    try {
      if (typeof leave === 'function') leave();
      // A function that has read its signal knows, and completes by itself.
      else if (leave === 'unsubscribe' && (this.#hasFailed || !this.#held.hasSignal)) {
        this.#unsubscribe?.();
        this.complete();
      }
    } catch (error) {
      this.error(error);
    }
  }

  #close(): void {
    this.#phase = 'closing';
    if (!this.#held.isEmpty && !this.#hasFailed) this.#voice.completed(this.#order.id);
    const over = () => {
      this.#phase = 'over';
      this.#voice.over(this.#order.id, this.#errors);
      this.#whenOver();
    };
    this.#held.stopChildren(this.#reason, () => {
      this.#held.tearDown((error) => this.#errors.push(error), over);
    });
  }
}

const ignore = () => undefined;
