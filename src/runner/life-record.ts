import type { Straggler } from '../report.js';
import type { Origin } from '../lifecycle/events.js';
import type { Narrated } from '../lifecycle/narrator.js';
import { asap } from '../schedulers/asap-scheduler.js';
import { type Ended, RestartPolicy, type Verdict } from '../supervise/restart-policy.js';
import type { Flavour, AnyPayload } from '../task/shapes.js';
import { isThreaded } from '../task/threaded-payload.js';
import type { Attempt } from './attempt.js';
import type { Core } from './core.js';
import type { Host } from './host.js';
import type { Parent } from './owner.js';
import { Past } from './past.js';
import { type Registered, toName } from './registry.js';
import type { TaskInfo } from './task-info.js';
import type { Terms } from './terms.js';

/** Of what a life is made. */
export interface Birth {
  readonly core: Core;
  readonly wanted: string;
  readonly number: number;
  readonly payload: AnyPayload;
  readonly terms: Terms;
  readonly parent?: Parent | undefined;
  readonly host?: Host | undefined;
}

/**
 * Who a life is, where it stands, and what can be said of it. There may be a hundred thousand of these
 * that wait, and each byte is copied twice by the collector: what most never have is in `past`, the
 * name of a namesake is made when read, and methods are `private` rather than `#`, which takes a slot.
 */
export abstract class LifeRecord implements Registered, Narrated {
  abstract readonly origin: Origin;
  readonly core: Core;
  readonly id: number;
  readonly wanted: string;
  readonly number: number;
  readonly payload: AnyPayload;
  readonly terms: Terms;
  readonly parent: Parent | undefined;
  readonly host: Host | undefined;
  previous: Registered | undefined = undefined;
  next: Registered | undefined = undefined;
  state: 'waiting' | 'running' | 'backoff' | 'stopping' | 'over' = 'waiting';
  attempt = 0;
  current: Attempt | undefined = undefined;
  #past: Past | undefined = undefined;
  /** From the core's epoch. */
  #since = UNREAD;

  constructor({ core, wanted, number, payload, terms, parent, host }: Birth) {
    this.core = core;
    this.id = core.nextId();
    this.wanted = wanted;
    this.number = number;
    this.payload = payload;
    this.terms = terms;
    this.parent = parent;
    this.host = host;
    // On the fair queue of a running runner it's its turn at once: nobody reads that clock.
    const isNext = core.state === 'running' && !host && terms.flavour.scheduler === asap;
    if (!isNext) this.since = core.now();
  }

  get name(): string {
    return toName(this);
  }

  get isChild(): boolean {
    return this.parent !== undefined;
  }

  /** Whether its payload crosses to a thread. */
  get crosses(): boolean {
    return isThreaded(this.payload);
  }

  get flavour(): Flavour {
    return this.terms.flavour;
  }

  get grace(): number {
    return this.terms.grace ?? this.core.grace;
  }

  /** The clock at adoption, at the start of the attempt, or at the beginning of the backoff. */
  get since(): number {
    return this.#since === UNREAD ? this.core.now() : this.core.epoch + this.#since;
  }

  set since(now: number) {
    const offset = now - this.core.epoch;
    // A whole number of milliseconds is a small integer in the object; any other is an object apart.
    this.#since = (offset | 0) === offset ? offset | 0 : offset;
  }

  get past(): Past {
    return (this.#past ??= new Past());
  }

  /** The past, if there is one. */
  get pastIfAny(): Past | undefined {
    return this.#past;
  }

  /** Whether another attempt is to follow although this one was asked to stop. */
  get isResuming(): boolean {
    const { stopReason, resuming } = this.#past ?? NO_PAST;
    return resuming !== undefined && stopReason === undefined;
  }

  /** Of the current attempt, in ms. */
  uptime(now: number): number {
    return Math.max(0, now - this.since);
  }

  info(): TaskInfo {
    const { id, name, origin, attempt, since, current, terms } = this;
    const { restarts = 0, nextStartAt, crash } = this.#past ?? NO_PAST;
    const state = this.state as TaskInfo['state'];
    const isUp = !terms.awaitReady || current?.held?.readyAt !== undefined;
    return Object.freeze({
      id,
      name,
      flavour: terms.flavour.name,
      origin,
      state,
      ready: state === 'running' && isUp,
      attempt,
      restarts,
      since,
      ...(state === 'backoff' && nextStartAt !== undefined && { nextStartAt }),
      ...(crash && { lastError: crash.error }),
    });
  }

  /** For the report: what it would be called if it never ended. */
  describe(): () => Straggler {
    const { name, since, core } = this;
    const flavour = this.flavour.name;
    return () => Object.freeze({ task: name, flavour, age: Math.max(0, core.now() - since) });
  }

  judgeCrash(error: unknown, now: number): Verdict {
    // An execution's error is its subscriber's, as it is.
    if (this.origin === 'execute') return { type: 'fail', error };
    return this.policy.afterCrash(error, this.ended(now));
  }

  /** Whether another attempt would follow, were it not for a stop. */
  protected goesOn(verdict: Verdict | undefined): boolean {
    return verdict ? verdict.type === 'restart' : this.terms.restart.restart === 'always';
  }

  protected judgeCompletion(): Verdict {
    if (this.terms.restart.restart !== 'always') return COMPLETE;
    return this.policy.afterCompletion(this.ended(this.core.now()));
  }

  private get policy(): RestartPolicy {
    return (this.past.policy ??= new RestartPolicy(this.name, this.terms.restart));
  }

  private ended(now: number): Ended {
    const upSince = this.terms.awaitReady ? this.current?.held?.readyAt : this.since;
    return { now, uptime: upSince === undefined ? undefined : Math.max(0, now - upSince) };
  }
}

/** The clock of one that waits for nothing but its turn. */
const UNREAD = -(2 ** 30);
const COMPLETE: Verdict = Object.freeze({ type: 'complete' });
const NO_PAST: Partial<Past> = Object.freeze({});
