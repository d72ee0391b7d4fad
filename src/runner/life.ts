import { type Unsubscribable, asyncScheduler } from 'rxjs';
import type { StopReason, Straggler } from '../errors.js';
import type { Origin, Outcome, RestartCause } from '../lifecycle/events.js';
import { asap } from '../schedulers/asap-scheduler.js';
import { type Ended, RestartPolicy, type Verdict } from '../supervise/restart-policy.js';
import type { Flavour } from '../task/flavour.js';
import type { Payload } from '../task/payload.js';
import { Attempt } from './attempt.js';
import type { Core } from './core.js';
import type { End } from './end.js';
import type { Host, Member } from './host.js';
import type { EndedAttempt, Owner, Parent } from './owner.js';
import { Past } from './past.js';
import type { TaskInfo } from './task-info.js';
import type { Terms } from './terms.js';

/** Of what a life is made. */
export interface Birth {
  readonly core: Core;
  readonly name: string;
  readonly payload: Payload;
  readonly terms: Terms;
  readonly parent?: Parent | undefined;
  readonly host?: Host | undefined;
}

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
export abstract class Life implements Member, Owner {
  abstract readonly origin: Origin;
  readonly core: Core;
  readonly id: number;
  readonly name: string;
  readonly payload: Payload;
  readonly terms: Terms;
  readonly parent: Parent | undefined;
  readonly host: Host | undefined;
  state: 'waiting' | 'running' | 'backoff' | 'stopping' | 'over' = 'waiting';
  /** The clock at adoption, at the start of the attempt, or at the beginning of the backoff. */
  since: number;
  attempt = 0;
  current: Attempt | undefined = undefined;
  #pending: Unsubscribable | undefined = undefined;
  #past: Past | undefined = undefined;

  constructor({ core, name, payload, terms, parent, host }: Birth) {
    this.core = core;
    this.id = core.nextId();
    this.name = name;
    this.payload = payload;
    this.terms = terms;
    this.parent = parent;
    this.host = host;
    this.since = core.now();
    core.lives.add(this);
    parent?.hold().children.add(this);
  }

  /** Hands a value over; false when nobody was there to take it. */
  abstract take(value: unknown): boolean;

  /** Whose a final error is: nobody's (so the runner's), somebody's, or nobody's and harmless. */
  abstract judge(): 'fatal' | 'taken' | 'tolerated';

  /** The life is over, and has been told to be. */
  abstract settle(end: End): void;

  /** Demand, where there is any: see `Entry.mayPull`. */
  mayPull(_resume: () => void): boolean {
    return true;
  }

  get isChild(): boolean {
    return this.parent !== undefined;
  }

  get flavour(): Flavour {
    return this.terms.flavour;
  }

  get grace(): number {
    return this.terms.grace ?? this.core.grace;
  }

  get past(): Past {
    return (this.#past ??= new Past());
  }

  /** Of the current attempt, in ms. */
  uptime(): number {
    return Math.max(0, this.core.now() - this.since);
  }

  /** Hands the next attempt to the flavour, which opens it when its scheduler says. */
  begin(): void {
    const { core, flavour } = this;
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

  /** The next attempt begins. */
  open(): void {
    // A scheduler that runs its work inside `schedule` is held to the rule that adopting runs nothing.
    if (this.core.handing === this) this.#pending = asap.schedule(openLife, 0, this);
    else this.#start(enter);
  }

  #start(enter: (attempt: Attempt) => void): void {
    const attempt = new Attempt(this);
    this.#pending = undefined;
    this.attempt++;
    this.state = 'running';
    this.since = this.core.now();
    this.current = attempt;
    this.core.narrate.start(this);
    this.host?.started(this);
    if (!attempt.ending) enter(attempt);
  }

  ready(): void {
    this.core.narrate.ready(this);
    this.host?.ready(this);
  }

  /** The current attempt crashed: it's told at once, with what the policy makes of it. */
  crashed(error: unknown): Verdict {
    const { past, core } = this;
    const verdict = this.#judgeCrash(error);
    past.crash = { error };
    this.state = 'stopping';
    core.narrate.crash(this, error, this.uptime(), verdict.type === 'restart');
    return verdict;
  }

  /** The current attempt is over, or was given up: what follows? */
  attemptEnded({ kind, overdue, failure, verdict }: EndedAttempt): void {
    const { stopReason, resuming } = this.#past ?? NO_PAST;
    const next = verdict ?? (kind === 'completed' ? this.#judgeCompletion() : undefined);
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

  /** Sees to it that another attempt follows, and tells it. Never synchronous. */
  wait(delay: number, cause: RestartCause): void {
    const { core } = this;
    const { scheduler } = this.terms.restart;
    // No delay needs no timer: the flavour's own queue is fair already.
    if (delay === 0 && (scheduler ?? core.scheduler) === asyncScheduler) this.begin();
    else this.#pending = core.wake(delay, scheduler, () => {
        this.begin();
      });
    this.announce(delay, cause);
  }

  announce(delay: number, cause: RestartCause): void {
    const { core, past } = this;
    past.restarts++;
    past.nextStartAt = core.now() + delay;
    this.#backOff();
    core.narrate.restart(this, delay, cause);
  }

  stop(reason: StopReason): void {
    if (this.state === 'over') return;
    this.past.stopReason ??= reason;
    if (!this.current) {
      this.park();
      this.#exit('stopped');
    } else if (!this.current.ending) this.#stopAttempt(reason);
  }

  /** By hand: the current attempt is stopped and another follows; in backoff, it follows now. */
  restart(): void {
    if (this.current) this.#resume('manual');
    else if (this.#pending && this.state === 'backoff') {
      this.park();
      this.begin();
    }
  }

  takeAlong(): void {
    if (this.current) this.#resume('sibling');
    else if (this.state === 'backoff') this.park();
  }

  /** Takes the next attempt out of its queue, or out of its sleep. */
  park(): void {
    this.#pending?.unsubscribe();
    this.#pending = undefined;
  }

  /** Gives up waiting for the life to end by itself. */
  force(reason: StopReason): void {
    if (this.state === 'over') return;
    this.past.stopReason ??= reason;
    if (this.current) this.current.force(this.past.stopReason);
    else this.stop(reason);
  }

  giveUp(error: unknown): void {
    this.park();
    this.#exit('failed', { error });
  }

  whenOver(work: () => void): void {
    if (this.state === 'over') work();
    else this.past.waiters.push(work);
  }

  /** Whether another attempt is to follow although this one was asked to stop. */
  get isResuming(): boolean {
    const { stopReason, resuming } = this.#past ?? NO_PAST;
    return resuming !== undefined && stopReason === undefined;
  }

  info(): TaskInfo {
    return toTaskInfo(this, this.#past);
  }

  /** For the report: what it would be called if it never ended. */
  describe(): () => Straggler {
    const { name, since, core } = this;
    const flavour = this.flavour.name;
    return () => Object.freeze({ task: name, flavour, age: Math.max(0, core.now() - since) });
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
    else if (this.host?.holds(this, delay, cause)) this.#backOff();
    else this.wait(delay, cause);
  }

  #backOff(): void {
    this.state = 'backoff';
    this.since = this.core.now();
  }

  #judgeCrash(error: unknown): Verdict {
    // An execution's error is its subscriber's, as it is.
    if (this.origin === 'execute') return { type: 'fail', error };
    return this.#policy.afterCrash(error, this.#ended());
  }

  #judgeCompletion(): Verdict {
    if (this.terms.restart.restart !== 'always') return COMPLETE;
    return this.#policy.afterCompletion(this.#ended());
  }

  get #policy(): RestartPolicy {
    return (this.past.policy ??= new RestartPolicy(this.name, this.terms.restart));
  }

  #ended(): Ended {
    const now = this.core.now();
    const upSince = this.terms.awaitReady ? this.current?.held?.readyAt : this.since;
    return { now, uptime: upSince === undefined ? undefined : Math.max(0, now - upSince) };
  }

  /** The end. What has to be true for those who are told is so before they're told. */
  #exit(outcome: Outcome, failure?: { readonly error: unknown }, noted?: unknown): void {
    const { core, parent } = this;
    this.state = 'over';
    core.lives.delete(this);
    parent?.held?.children.delete(this);
    const fate = outcome === 'failed' ? this.judge() : 'taken';
    if (failure && failure.error !== noted) this.#note(fate, failure.error);
    core.books.count(outcome);
    core.narrate.exit(this, outcome, failure, fate === 'fatal');
    if (fate === 'fatal') core.onFatal(failure?.error);
    const end = { outcome, failure, reason: this.#past?.stopReason };
    this.settle(end);
    this.host?.ended(this, end);
    if (this.#past) for (const work of this.#past.waiters) work();
    parent?.ending?.proceed();
    core.onExit();
  }

  #note(fate: 'fatal' | 'taken' | 'tolerated', error: unknown): void {
    if (fate === 'fatal') this.core.fail(this, error);
    else if (fate === 'tolerated') this.core.tolerate(this, error);
  }
}

const COMPLETE: Verdict = Object.freeze({ type: 'complete' });
const NO_PAST: Partial<Past> = Object.freeze({});

function toTaskInfo(life: Life, past: Past | undefined): TaskInfo {
  const { id, name, origin, attempt, since, state, current, terms } = life;
  return Object.freeze({
    id,
    name,
    flavour: terms.flavour.name,
    origin,
    state: state as TaskInfo['state'],
    ready: state === 'running' && (!terms.awaitReady || current?.held?.readyAt !== undefined),
    attempt,
    restarts: past?.restarts ?? 0,
    since,
    ...(state === 'backoff' && past?.nextStartAt !== undefined && { nextStartAt: past.nextStartAt }),
    ...(past?.crash && { lastError: past.crash.error }),
  });
}

function openLife(this: unknown, life?: Life): void {
  life?.open();
}

function enter(attempt: Attempt): void {
  attempt.enter();
}
