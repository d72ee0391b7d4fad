import { type Unsubscribable, asyncScheduler } from 'rxjs';
import type { StopReason } from '../report.js';
import type { Outcome, RestartCause } from '../lifecycle/events.js';
import { asap } from '../schedulers/asap-scheduler.js';
import type { Verdict } from '../supervise/restart-policy.js';
import { Attempt } from './attempt.js';
import { QUEUED, handOver } from './hand-over.js';
import type { End } from './end.js';
import type { Member } from './host.js';
import { type Birth, LifeRecord } from './life-record.js';
import type { EndedAttempt, Owner } from './owner.js';

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
 * wait for an asynchronous end between two attempts. `Attempt` is its first two lines, `begin` the
 * third, and the last is the very policy of `supervise`; a spec holds the two to the same times.
 *
 *   waiting ── open ──> running ── attemptEnded ──> backoff ── open ──> running … ──> over
 */
export abstract class Life extends LifeRecord implements Member, Owner {
  /** What brings the next attempt about: a place in a queue, or a timer. */
  #pending: Unsubscribable | undefined = undefined;

  constructor(birth: Birth) {
    super(birth);
    this.core.lives.add(this);
    this.parent?.hold().children.add(this);
  }

  /** Hands a value over; false when nobody was there to take it. */
  abstract take(value: unknown): boolean;

  /** Whose a final error is: nobody's (so the runner's), somebody's, or nobody's and harmless. */
  abstract judge(): 'fatal' | 'taken' | 'tolerated';

  /** The life is over, and has been told to be. */
  abstract settle(end: End): void;

  mayPull(_resume: () => void): boolean {
    return true;
  }

  begin(): void {
    this.#pending = handOver(this, this.flavour.scheduler);
  }

  execute(): void {
    const { scheduler } = this.core;
    // It may have been taken out meanwhile. The queue has just read the clock, which is a tenth of
    // what a short task costs.
    if (this.#pending === QUEUED)
      this.#enter(scheduler === asyncScheduler ? asap.clock : undefined);
  }

  open(): void {
    this.#enter();
  }

  openFailed(error: unknown): void {
    this.#start().error(error);
  }

  ready(): void {
    this.core.narrate.ready(this);
    this.host?.ready(this);
  }

  crashed(error: unknown): Verdict {
    const now = this.core.now();
    const verdict = this.judgeCrash(error, now);
    this.past.crash = { error, order: this.core.books.nextOrder() };
    this.state = 'stopping';
    this.core.narrate.crash(this, error, this.uptime(now), verdict.type === 'restart', now);
    return verdict;
  }

  attemptEnded({ kind, overdue, failure, verdict }: EndedAttempt): void {
    const { stopReason, resuming } = this.pastIfAny ?? {};
    const next = verdict ?? (kind === 'completed' ? this.judgeCompletion() : undefined);
    this.current = undefined;
    if (!next) {
      if (stopReason || !resuming) this.#exit('stopped', failure);
      else this.#follow(0, resuming, overdue);
    } else if (next.type === 'complete') this.#exit('completed');
    else if (next.type === 'fail') this.#exit('failed', { error: next.error });
    else if (stopReason) this.#exit('stopped');
    else {
      const delay = resuming === 'manual' ? 0 : next.delay;
      this.#follow(delay, kind === 'crashed' ? 'crash' : 'complete', overdue);
    }
  }

  announce(delay: number, cause: RestartCause): void {
    const { core, past } = this;
    const now = core.now();
    past.restarts++;
    past.nextStartAt = now + delay;
    this.#backOff(now);
    core.narrate.restart(this, delay, cause, now);
  }

  stop(reason: StopReason): void {
    if (this.state === 'over') return;
    this.past.stopReason ??= reason;
    if (!this.current) this.#exit('stopped');
    else if (!this.current.ending) this.#stopAttempt(reason);
  }

  restart(): void {
    if (this.current) this.#resume('manual');
    else if (this.#pending && this.state === 'backoff') {
      this.#park();
      this.begin();
    }
  }

  takeAlong(): void {
    if (this.current) this.#resume('sibling');
    else if (this.state === 'backoff') this.#park();
  }

  force(reason: StopReason): void {
    if (this.state === 'over') return;
    this.past.stopReason ??= reason;
    if (this.current) this.current.force(this.past.stopReason);
    else this.#exit('stopped');
  }

  giveUp(error: unknown): void {
    this.#exit('failed', { error });
  }

  whenOver(work: () => void): void {
    if (this.state === 'over') work();
    else this.past.waiters.push(work);
  }

  #enter(now?: number): void {
    const attempt = this.#start(now);
    // Whoever was told of the start may have stopped it.
    if (!attempt.ending) attempt.enter();
  }

  #start(now: number = this.core.now()): Attempt {
    const attempt = new Attempt(this);
    this.#pending = undefined;
    this.attempt++;
    this.state = 'running';
    this.since = now;
    this.current = attempt;
    this.core.narrate.start(this, now);
    this.host?.started(this);
    return attempt;
  }

  #resume(cause: 'manual' | 'sibling'): void {
    this.past.resuming ??= cause;
    if (!this.current?.ending) this.#stopAttempt(Object.freeze({ type: 'restart' }));
  }

  #stopAttempt(reason: StopReason): void {
    this.state = 'stopping';
    this.current?.stop(reason);
  }

  #follow(delay: number, cause: RestartCause, overdue: Error | undefined): void {
    this.past.resuming = undefined;
    // No attempt ever starts beside a living one.
    if (overdue) this.#exit('failed', { error: overdue }, overdue);
    else if (this.host?.holds(this, delay, cause)) this.#backOff(this.core.now());
    else this.#wait(delay, cause);
  }

  /** Sees to it that another attempt follows, and tells it. Never synchronous. */
  #wait(delay: number, cause: RestartCause): void {
    const { core } = this;
    const { scheduler = core.scheduler } = this.terms.restart;
    // No delay needs no timer: the flavour's own queue is fair already.
    if (delay === 0 && scheduler === asyncScheduler) this.begin();
    else
      this.#pending = core.wake(delay, scheduler, () => {
        this.begin();
      });
    this.announce(delay, cause);
  }

  #backOff(now: number): void {
    this.state = 'backoff';
    this.since = now;
  }

  /** Takes the next attempt out of its queue, or out of its sleep. */
  #park(): void {
    this.#pending?.unsubscribe();
    this.#pending = undefined;
  }

  /** The end. What has to be true for those who are told is so before they're told. */
  #exit(outcome: Outcome, failure?: { readonly error: unknown }, overdue?: Error): void {
    const { core, parent, pastIfAny: past } = this;
    this.#park();
    this.state = 'over';
    core.lives.delete(this);
    parent?.held?.children.delete(this);
    const fate = outcome === 'failed' ? this.judge() : 'taken';
    if (failure && !overdue) this.#note(fate, failure.error);
    core.books.count(outcome);
    core.narrate.exit(this, outcome, failure, fate === 'fatal');
    if (fate === 'fatal') core.onFatal(failure?.error);
    const end = { outcome, failure, reason: past?.stopReason };
    this.settle(end);
    this.host?.ended(this, end);
    if (past) for (const work of past.waiters) work();
    parent?.ending?.proceed();
    core.onExit();
  }

  #note(fate: 'fatal' | 'taken' | 'tolerated', error: unknown): void {
    const order = this.pastIfAny?.crash?.order;
    if (fate === 'fatal') this.core.fail(this, error, order);
    else if (fate === 'tolerated') this.core.tolerate(this, error, order);
  }
}
