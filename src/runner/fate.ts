import type { Subscriber } from 'rxjs';
import { OverdueError } from '../errors.js';
import type { StopReason } from '../report.js';
import type { Verdict } from '../supervise/restart-policy.js';
import type { Leave } from '../task/shapes.js';
import type { Held } from './held.js';
import { isNormalEnd } from '../task/is-normal-end.js';
import type { EndedAttempt, Owner } from './owner.js';

/** An attempt, as its ending sees it. */
export interface Mortal extends Subscriber<unknown> {
  readonly life: Owner;
  readonly leave: Leave | undefined;
  readonly held: Held | undefined;
  readonly phase: 'new' | 'entering' | 'open';
}

/** What ended an attempt, and what has gone wrong since. */
export abstract class Fate implements EndedAttempt {
  /** A teardown that fails turns a completion into a crash. */
  kind: 'completed' | 'crashed' | 'stopped';
  /** Why `context.signal` is aborted; none when the attempt has ended by itself. */
  reason: StopReason | undefined;
  verdict: Verdict | undefined;
  failure: { readonly error: unknown } | undefined;
  overdue: OverdueError | undefined;
  /** Set when nobody waits for it any more; whatever ends as that is told. */
  abandoned: OverdueError | undefined;
  over = false;
  /** Whether something is being told. Whatever that brings about, the ending goes on only afterwards. */
  protected telling = false;
  protected readonly attempt: Mortal;

  constructor(attempt: Mortal, kind: 'completed' | 'crashed' | 'stopped') {
    this.attempt = attempt;
    this.kind = kind;
  }

  /** Whether values don't count any more. While stopping as asked they do. */
  get deaf(): boolean {
    return this.overdue !== undefined || this.kind === 'crashed';
  }

  crash(error: unknown): void {
    this.kind = 'crashed';
    const { life } = this.attempt;
    const now = life.core.now();
    this.verdict = life.judgeCrash(error, now);
    this.telling = true;
    life.crashed(error, this.verdict.type === 'restart', now);
    this.telling = false;
  }

  /** The payload failed after its end had begun. */
  failed(error: unknown): void {
    const { life } = this.attempt;
    if (this.deaf) life.core.tolerate(life, error);
    else if (!this.failure && this.#fail(error)) life.crashedWhileStopping(error);
    else this.#fail(error);
  }

  /** A teardown failed, of ours or of RxJS's. Told in the report alone, but that it's the crash of an attempt that had completed. */
  teardownFailed(error: unknown): void {
    const { life } = this.attempt;
    if (this.deaf || this.over) life.core.tolerate(life, error);
    else if (this.kind === 'completed') this.crash(error);
    else this.#fail(error);
  }

  /** It was not over in time: tells it, and what becomes of it. */
  protected tellOverdue(what: 'abandoned' | 'terminated'): void {
    const { life } = this.attempt;
    const { core, name, grace } = life;
    this.overdue = new OverdueError(name, grace, core.forced, what);
    if (what === 'abandoned') this.abandoned = this.overdue;
    core.fail(life, this.overdue);
    core.narrate.overdue(life, grace);
  }

  /** Notes an error while stopping; false when it's the ordinary end. */
  #fail(error: unknown): boolean {
    const { life } = this.attempt;
    if (this.reason && isNormalEnd(error, this.reason)) return false;
    this.failure ??= { error };
    life.core.failedWhileStopping(life, error);
    return true;
  }
}
