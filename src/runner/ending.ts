import type { Unsubscribable } from 'rxjs';
import { type StopReason, fixed } from '../report.js';
import { askToLeave } from './ask-to-leave.js';
import { unsubscribe } from './unsubscribe.js';
import { Fate } from './fate.js';
import type { Held } from './held.js';
import { runTeardowns } from '../task/teardowns.js';

/**
 * How an attempt ends, however it came to that: bounded, and in this order.
 *
 *   children stop ──┐
 *   source ends ────┴──> teardowns, last in first out, each awaited ──> over
 *                   └── grace, counted from when the children are done ──> overdue: terminated, abandoned
 *
 * Nothing is awaited that isn't asynchronous: an ending without asynchronous parts is over at once,
 * in the same frame of virtual time.
 */
export class Ending extends Fate {
  #sourceOver = false;
  #childrenAsked = false;
  #tearingDown = false;
  #isTold = false;
  #deadline: Unsubscribable | undefined;

  stop(reason: StopReason): void {
    const { life } = this.attempt;
    this.reason = reason;
    this.telling = true;
    life.core.narrate.stopping(life, reason);
    this.abort(reason);
  }

  /** Phase one: the children stop, the signal aborts, the source is left. */
  abort(reason: StopReason): void {
    this.reason = reason;
    // Whatever ends the source meanwhile: nothing is torn down before the signal has aborted.
    this.telling = true;
    this.#askChildren();
    this.attempt.held?.controller?.abort(reason);
    this.#leaveSource();
    this.telling = false;
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

  proceed(): void {
    if (this.over || this.telling || this.attempt.phase === 'entering') return;
    if (this.#sourceOver) this.#closeSource();
    this.#askChildren();
    if (this.attempt.held && this.attempt.held.children.size > 0) return;
    if (this.#sourceOver) this.#tearDown();
    this.#watch();
  }

  /**
   * Phase two: it was not over in time. What can't be ended goes on unwatched but for its errors; a
   * thread can, so what follows waits until it's dead.
   */
  abandon(): void {
    if (this.over) return;
    const { life, leave } = this.attempt;
    const force = typeof leave === 'object' ? leave : undefined;
    if (!this.overdue) {
      this.#deadline?.unsubscribe();
      this.tellOverdue(force ? 'terminated' : 'abandoned');
      force?.force();
      if (force) {
        this.#deadline = life.core.alarm.in(PATIENCE, () => {
          this.#giveUp();
        });
      }
    }
    if (!force || life.core.forced) this.#giveUp();
  }

  /** Nobody waits for it any more. */
  #giveUp(): void {
    if (this.over || this.#isTold) return;
    const { life } = this.attempt;
    this.abandoned = this.overdue;
    life.core.books.abandon(this.attempt, life.describe());
    this.#tellLife();
  }

  /** Both phases at once, children first; also for an attempt that had not even been asked. */
  force(reason: StopReason): void {
    const { life, held } = this.attempt;
    const unasked = this.kind === 'stopped' && !this.reason;
    const wasTelling = this.telling;
    // Whatever the children's ends bring about: this is no ordinary end any more.
    this.telling = true;
    if (unasked) {
      this.reason = reason;
      life.core.narrate.stopping(life, reason);
    }
    const cause = fixed({ type: 'parent', cause: this.reason ?? reason } as const);
    for (const child of [...(held?.children ?? [])].reverse()) child.force(cause);
    if (unasked) this.abandon();
    this.telling = wasTelling;
    if (unasked) this.abort(reason);
    else this.proceed();
    this.abandon();
  }

  #leaveSource(): void {
    const { phase, leave, held } = this.attempt;
    if (this.#sourceOver) return;
    if (phase === 'new') this.#sourceOver = true;
    else if (leave !== undefined && typeof leave !== 'string') askToLeave(this.attempt, leave);
    // A function that has read its signal knows, and completes by itself.
    else if (leave === 'unsubscribe' && !held?.controller) {
      this.#sourceOver = true;
      this.#closeSource();
    }
  }

  #closeSource(): void {
    if (this.attempt.closed) return;
    for (const error of unsubscribe(this.attempt)) this.teardownFailed(error);
  }

  #askChildren(): void {
    const { held } = this.attempt;
    if (this.#childrenAsked || !held) return;
    this.#childrenAsked = true;
    held.stopChildren(fixed({ type: 'parent', ...(this.reason && { cause: this.reason }) }));
  }

  /** A teardown that was registered after the last one had run. */
  tearDownLate(): void {
    if (this.over && this.attempt.held) this.#runTeardowns(this.attempt.held);
  }

  #tearDown(): void {
    if (this.#tearingDown) return;
    this.#tearingDown = true;
    const { held } = this.attempt;
    if (held) this.#runTeardowns(held);
    else this.#finish();
  }

  #runTeardowns({ teardowns }: Held): void {
    runTeardowns(
      teardowns,
      (error) => {
        this.teardownFailed(error);
      },
      () => {
        this.#finish();
      },
    );
  }

  /** The deadline. None is set when the ending is over without having waited for anything. */
  #watch(): void {
    if (this.over || this.overdue !== undefined || this.#deadline) return;
    const { core, grace } = this.attempt.life;
    if (grace === Infinity) return;
    this.#deadline = core.alarm.in(grace, () => {
      this.abandon();
    });
  }

  #finish(): void {
    if (this.over) return;
    this.over = true;
    this.#deadline?.unsubscribe();
    if (this.overdue) this.attempt.life.core.books.recover(this.attempt);
    this.#tellLife();
  }

  #tellLife(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.attempt.life.attemptEnded(this);
  }
}

/** How long a thread may take to be terminated, in ms. In a call of native code it can't be. */
const PATIENCE = 1_000;
