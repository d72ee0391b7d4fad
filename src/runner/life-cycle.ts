import { type Unsubscribable, asyncScheduler } from 'rxjs';
import type { Outcome, RestartCause } from '../lifecycle/events.js';
import { type StopReason, fixed } from '../report.js';
import { asap } from '../schedulers/asap-scheduler.js';
import { Attempt } from './attempt.js';
import type { End } from './end.js';
import type { Member } from './host.js';
import { LifeRecord } from './life-record.js';
import type { EndedAttempt, Owner } from './owner.js';
import { QUEUED, takeTurn } from './take-turn.js';

/**
 * All the attempts of one task, from adoption to its single `exit`.
 *
 *   source$.pipe(
 *     handOver(task),                          // a value goes to whoever is subscribed; nobody: OrphanedValueError
 *     narrate(task),                           // start | ready | crash …: one attempt
 *     subscribeOn(task.flavour.scheduler),     // when
 *     supervise(task.options),                 // restart: many attempts
 *   )
 *
 * That pipeline, fused: as operators it costs 3 KB and several microseconds per task, and it can't
 * wait for an asynchronous end between two attempts. `Attempt` is its first line, the calls of
 * `narrate` here and in `Ending` are the second, `begin` is the third, and the last is the very policy
 * of `supervise`; a spec holds the two to the same times.
 *
 *   waiting ── open ──> running ── attemptEnded ──> backoff ── open ──> running … ──> over
 */
export abstract class LifeCycle extends LifeRecord implements Owner {
  /** What brings the next attempt about: a place in a queue, or a timer. */
  protected pending: Unsubscribable | undefined = undefined;

  /** Hands a value over; false when nobody was there to take it. */
  abstract take(value: unknown): boolean;

  /** Whose a final error is: nobody's (so the runner's), somebody's, or nobody's and harmless. */
  protected abstract judge(): 'fatal' | 'taken' | 'tolerated';

  /** The life is over, and has been told to be. */
  protected abstract settle(end: End): void;

  /** The same, as its host sees it. */
  protected abstract get asMember(): Member;

  mayPull(_resume: () => void): boolean {
    return true;
  }

  /** Waits for the flavour to open the next attempt. */
  begin(): void {
    this.pending = takeTurn(this, this.flavour.scheduler);
  }

  get closed(): boolean {
    return this.pending !== QUEUED;
  }

  execute(): void {
    const { scheduler } = this.core;
    // It may have been taken out meanwhile.
    if (this.closed) return;
    // The queue has just read the clock, which is a tenth of what a short task costs.
    this.enter(scheduler === asyncScheduler ? asap.clock : undefined);
  }

  open(): void {
    this.enter();
  }

  openFailed(error: unknown): void {
    this.start().error(error);
  }

  ready(): void {
    this.core.narrate.ready(this);
    this.host?.ready();
  }

  crashed(error: unknown, restarting: boolean, now: number): void {
    this.state = 'stopping';
    this.tellCrash(error, restarting, now);
  }

  crashedWhileStopping(error: unknown): void {
    this.tellCrash(error, this.isResuming, this.core.now());
  }

  attemptEnded({ kind, abandoned, failure, verdict }: EndedAttempt): void {
    const { stopReason, resuming } = this.pastIfAny ?? {};
    const isStopped = kind === 'stopped' || (stopReason && this.goesOn(verdict));
    const next = isStopped ? undefined : (verdict ?? this.judgeCompletion());
    this.current = undefined;
    if (!next) {
      if (stopReason || !resuming) this.exit('stopped', failure);
      else this.follow(0, resuming, abandoned);
    } else if (next.type === 'complete') this.exit('completed');
    else if (next.type === 'fail') this.exit('failed', { error: next.error });
    else {
      const delay = resuming === 'manual' ? 0 : next.delay;
      this.follow(delay, kind === 'crashed' ? 'crash' : 'complete', abandoned);
    }
  }

  /** Tells that another attempt follows after `delay`. Whoever announces it sees to it. */
  announce(delay: number, cause: RestartCause): void {
    const { core, past } = this;
    const now = core.now();
    past.restarts++;
    past.nextStartAt = now + delay;
    this.state = 'backoff';
    this.since = now;
    core.narrate.restart(this, delay, cause, now);
  }

  /** Takes the next attempt out of its queue, or out of its sleep. */
  protected park(): void {
    this.pending?.unsubscribe();
    this.pending = undefined;
  }

  /** The end. What has to be true for those who are told is so before they're told. */
  protected exit(outcome: Outcome, failure?: { readonly error: unknown }, overdue?: Error): void {
    const { core, parent, pastIfAny: past } = this;
    this.park();
    this.state = 'over';
    core.lives.delete(this.asMember);
    parent?.held?.children.delete(this.asMember);
    const fate = outcome === 'failed' ? this.judge() : 'taken';
    if (failure && !overdue) this.note(fate, failure.error);
    core.books.count(outcome);
    core.narrate.exit(this, outcome, failure, fate === 'fatal');
    if (fate === 'fatal') core.onFatal(failure?.error);
    const end = { outcome, failure, reason: past?.stopReason };
    this.settle(end);
    this.host?.ended(end);
    if (past) for (const work of past.waiters) work();
    parent?.ending?.proceed();
    core.onExit();
  }

  private enter(now?: number): void {
    const attempt = this.start(now);
    // Whoever was told of the start may have stopped it.
    if (!attempt.ending) attempt.enter();
  }

  private start(now: number = this.core.now()): Attempt {
    const attempt = new Attempt(this);
    this.pending = undefined;
    this.attempt++;
    this.state = 'running';
    this.since = now;
    this.current = attempt;
    this.core.narrate.start(this, now);
    this.host?.started();
    return attempt;
  }

  private tellCrash(error: unknown, restarting: boolean, now: number): void {
    this.past.crash = { error, order: this.core.books.nextOrder() };
    this.core.narrate.crash(this, error, this.uptime(now), restarting, now);
  }

  private follow(delay: number, cause: RestartCause, overdue: Error | undefined): void {
    this.past.resuming = undefined;
    // No attempt ever starts beside a living one.
    if (overdue) this.exit('failed', { error: overdue }, overdue);
    else if (this.core.stopReason) this.stopBetween(this.core.stopReason);
    else if (!this.isHeld(delay, cause)) this.wait(delay, cause);
  }

  /** The runner stops: nothing starts any more, also where nobody has been asked yet. */
  private stopBetween(cause: StopReason): void {
    this.past.stopReason ??= fixed({ type: 'parent', cause });
    this.exit('stopped');
  }

  /** Whether the host sees to the next attempt: until that is announced, nobody knows when it's due. */
  private isHeld(delay: number, cause: RestartCause): boolean {
    if (!this.host) return false;
    this.past.nextStartAt = undefined;
    this.state = 'backoff';
    this.since = this.core.now();
    return this.host.holds(delay, cause);
  }

  /** Sees to it that another attempt follows, and tells it. Never synchronous. */
  private wait(delay: number, cause: RestartCause): void {
    const { core } = this;
    const { scheduler = core.scheduler } = this.terms.restart;
    try {
      // No delay needs no timer: the flavour's own queue will do.
      if (delay === 0 && scheduler === asyncScheduler) this.begin();
      else {
        this.pending = core.wake(delay, scheduler, () => {
          this.begin();
        });
      }
      this.announce(delay, cause);
    } catch (error) {
      this.exit('failed', { error });
    }
  }

  private note(fate: 'fatal' | 'taken' | 'tolerated', error: unknown): void {
    const order = this.pastIfAny?.crash?.order;
    if (fate === 'fatal') this.core.fail(this, error, order);
    else if (fate === 'tolerated') this.core.tolerate(this, error, order);
  }
}
