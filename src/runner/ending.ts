import type { Subscriber, Unsubscribable } from 'rxjs';
import { OverdueError } from '../errors.js';
import type { StopReason } from '../report.js';
import type { Verdict } from '../supervise/restart-policy.js';
import type { Leave } from '../task/shapes.js';
import type { Held } from './held.js';
import { isNormalEnd } from './is-normal-end.js';
import type { EndedAttempt, Owner } from './owner.js';
import { runTeardowns } from './teardowns.js';

/** An attempt, as its ending sees it. */
interface Mortal extends Subscriber<unknown> {
  readonly life: Owner;
  readonly leave: Leave | undefined;
  readonly held: Held | undefined;
  readonly phase: 'new' | 'entering' | 'open';
}

/**
 * How an attempt ends, however it came to that: bounded, and in this order.
 *
 *   children stop ──┐
 *   source ends ────┴──> teardowns, last in first out, each awaited ──> over
 *                   └── grace, counted from when the children are done ──> overdue: abandoned
 *
 * Nothing is awaited that isn't asynchronous: an ending without asynchronous parts is over at once,
 * in the same frame of virtual time.
 */
export class Ending implements EndedAttempt {
  /** What ended the attempt. A teardown that fails turns a completion into a crash. */
  kind: 'completed' | 'crashed' | 'stopped';
  /** Why `context.signal` is aborted; none when the attempt has ended by itself. */
  reason: StopReason | undefined;
  /** What the policy said to the crash. */
  verdict: Verdict | undefined;
  /** What went wrong while the attempt was being stopped. */
  failure: { readonly error: unknown } | undefined;
  /** Set when the attempt was given up. */
  overdue: OverdueError | undefined;
  over = false;
  readonly #attempt: Mortal;
  #sourceOver = false;
  #childrenAsked = false;
  #tearingDown = false;
  #deadline: Unsubscribable | undefined;

  constructor(attempt: Mortal, kind: 'completed' | 'crashed' | 'stopped') {
    this.#attempt = attempt;
    this.kind = kind;
  }

  /** Whether values still count. While stopping as asked they do. */
  get deaf(): boolean {
    return this.overdue !== undefined || this.kind === 'crashed';
  }

  crash(error: unknown): void {
    const { life } = this.#attempt;
    this.kind = 'crashed';
    this.verdict = life.crashed(error);
  }

  stop(reason: StopReason): void {
    const { life } = this.#attempt;
    this.reason = reason;
    life.core.narrate.stopping(life, reason);
    this.abort(reason);
  }

  /** Phase one: the children stop, the signal aborts, the source is left. */
  abort(reason: StopReason): void {
    this.reason = reason;
    this.#askChildren();
    this.#attempt.held?.controller?.abort(reason);
    this.#leaveSource();
    this.proceed();
  }

  /** The payload has been entered, and had ended, or been asked to, before that was done. */
  entered(): void {
    if (this.reason) this.#leaveSource();
    this.proceed();
  }

  sourceEnded(): void {
    this.#sourceOver = true;
    this.proceed();
  }

  /** The payload failed after its end had begun. */
  failed(error: unknown): void {
    const { life } = this.#attempt;
    if (this.deaf) life.core.tolerate(life, error);
    else if (!this.reason || !isNormalEnd(error, this.reason)) {
      const first = !this.failure;
      this.failure ??= { error };
      life.core.failedWhileStopping(life, error);
      if (!first) return;
      const now = life.core.now();
      life.core.narrate.crash(life, error, life.uptime(now), life.isResuming, now);
    }
  }

  proceed(): void {
    if (this.over || this.#attempt.phase === 'entering') return;
    if (this.#sourceOver) this.#closeSource();
    this.#askChildren();
    if (this.#attempt.held && this.#attempt.held.children.size > 0) return;
    if (this.#sourceOver) this.#tearDown();
    this.#watch();
  }

  /** Phase two: it was not over in time. What is still under way goes on unwatched but for its errors. */
  abandon(): void {
    if (this.over || this.overdue) return;
    const { life } = this.#attempt;
    const { core, name, grace } = life;
    this.overdue = new OverdueError(name, grace);
    this.#deadline?.unsubscribe();
    core.narrate.overdue(life, grace);
    core.fail(life, this.overdue);
    core.books.abandon(this.#attempt, life.describe());
    life.attemptEnded(this);
  }

  /** Both phases at once, for an attempt that had not even been asked. */
  force(reason: StopReason): void {
    const { life } = this.#attempt;
    this.reason = reason;
    life.core.narrate.stopping(life, reason);
    this.abandon();
    this.abort(reason);
  }

  #leaveSource(): void {
    const { phase, leave, held } = this.#attempt;
    if (this.#sourceOver) return;
    if (phase === 'new') this.#sourceOver = true;
    else if (typeof leave === 'function') this.#fence(leave);
    // A function that has read its signal knows, and completes by itself.
    else if (leave === 'unsubscribe' && !held?.controller) {
      this.#sourceOver = true;
      this.#closeSource();
    }
  }

  #fence(leave: () => void): void {
    try {
      leave();
    } catch (error) {
      this.#attempt.error(error);
    }
  }

  #closeSource(): void {
    if (this.#attempt.closed) return;
    try {
      this.#attempt.unsubscribe();
    } catch (error) {
      // RxJS runs all finalizers, then throws one UnsubscriptionError with what they threw.
      const { errors = [error] } = error as { errors?: unknown[] };
      for (const each of errors) this.#teardownFailed(each);
    }
  }

  #askChildren(): void {
    const { held } = this.#attempt;
    if (this.#childrenAsked || !held) return;
    this.#childrenAsked = true;
    held.stopChildren(
      Object.freeze({ type: 'parent', ...(this.reason && { cause: this.reason }) }),
    );
  }

  /** A teardown that was registered after the last one had run. */
  tearDownLate(): void {
    if (this.over && this.#attempt.held) this.#runTeardowns(this.#attempt.held);
  }

  #tearDown(): void {
    if (this.#tearingDown) return;
    this.#tearingDown = true;
    const { held } = this.#attempt;
    if (held) this.#runTeardowns(held);
    else this.#finish();
  }

  #runTeardowns({ teardowns }: Held): void {
    runTeardowns(
      teardowns,
      (error) => {
        this.#teardownFailed(error);
      },
      () => {
        this.#finish();
      },
    );
  }

  #teardownFailed(error: unknown): void {
    const { life } = this.#attempt;
    if (this.deaf || this.over) life.core.tolerate(life, error);
    else if (this.kind === 'completed') this.crash(error);
    else if (!this.reason || !isNormalEnd(error, this.reason)) {
      this.failure ??= { error };
      life.core.failedWhileStopping(life, error);
    }
  }

  /** The deadline. None is set when the ending is over without having waited for anything. */
  #watch(): void {
    if (this.over || this.overdue !== undefined || this.#deadline) return;
    const { core, grace } = this.#attempt.life;
    if (grace === Infinity) return;
    this.#deadline = core.alarm.in(grace, () => {
      this.abandon();
    });
  }

  #finish(): void {
    if (this.over) return;
    this.over = true;
    this.#deadline?.unsubscribe();
    const { life } = this.#attempt;
    if (this.overdue) life.core.books.recover(this.#attempt);
    else life.attemptEnded(this);
  }
}
