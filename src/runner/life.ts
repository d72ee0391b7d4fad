import { type Unsubscribable, asyncScheduler } from 'rxjs';
import type { StopReason } from '../errors.js';
import type { Outcome, RestartCause } from '../lifecycle/events.js';
import { asap } from '../schedulers/asap-scheduler.js';
import type { Verdict } from '../supervise/restart-policy.js';
import { Attempt } from './attempt.js';
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

  /** Hands the next attempt to the flavour, which opens it when its scheduler says. */
  begin(): void {
    const { core, flavour } = this;
    if (flavour.scheduler === asap) {
      // The same as below, without an action for each task.
      this.#pending = QUEUED;
      asap.enqueue(this);
      return;
    }
    const outer = core.handing;
    this.#pending = undefined;
    core.handing = this;
    try {
      const action = flavour.scheduler.schedule(openLife, 0, this);
      this.#pending ??= action;
    } catch (error) {
      this.#pending = asap.schedule(() => {
        this.#start((attempt) => {
          attempt.error(error);
        });
      });
    }
    core.handing = outer;
  }

  /** Its turn in the fair queue has come, unless it has been taken out meanwhile. */
  execute(): void {
    if (this.#pending !== QUEUED) return;
    const { scheduler } = this.core;
    // The queue has just read the clock; reading it is a tenth of what a short task costs.
    this.#start(enter, scheduler === asyncScheduler ? asap.clock : undefined);
  }

  /** The next attempt begins. */
  open(): void {
    // A scheduler that runs its work inside `schedule` is held to the rule that adopting runs nothing.
    if (this.core.handing === this) this.#pending = asap.schedule(openLife, 0, this);
    else this.#start(enter);
  }

  ready(): void {
    this.core.narrate.ready(this);
    this.host?.ready(this);
  }

  crashed(error: unknown): Verdict {
    const now = this.core.now();
    const verdict = this.judgeCrash(error, now);
    this.past.crash = { error };
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

  #start(enter: (attempt: Attempt) => void, now: number = this.core.now()): void {
    const attempt = new Attempt(this);
    this.#pending = undefined;
    this.attempt++;
    this.state = 'running';
    this.since = now;
    this.current = attempt;
    this.core.narrate.start(this, now);
    this.host?.started(this);
    if (!attempt.ending) enter(attempt);
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
  #exit(outcome: Outcome, failure?: { readonly error: unknown }, noted?: unknown): void {
    const { core, parent, pastIfAny: past } = this;
    this.#park();
    this.state = 'over';
    core.lives.delete(this);
    parent?.held?.children.delete(this);
    const fate = outcome === 'failed' ? this.judge() : 'taken';
    if (failure && failure.error !== noted) this.#note(fate, failure.error);
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
    if (fate === 'fatal') this.core.fail(this, error);
    else if (fate === 'tolerated') this.core.tolerate(this, error);
  }
}

/** Stands for a place in the fair queue. */
const QUEUED: Unsubscribable = Object.freeze({ unsubscribe: () => undefined });

function openLife(this: unknown, life?: Life): void {
  life?.open();
}

function enter(attempt: Attempt): void {
  attempt.enter();
}
