import type { Subscriber } from 'rxjs';
import { DependencyError } from '../errors.js';
import type { StopReason } from '../report.js';
import type { RestartCause } from '../lifecycle/events.js';
import { bear } from '../runner/adopt.js';
import type { End } from '../runner/end.js';
import type { Parent } from '../runner/owner.js';
import { JointRestart } from './joint-restart.js';
import type { Plan, Strategy } from './plan.js';
import { Seat } from './seat.js';
import { StopSequence } from './stop-sequence.js';

/**
 * One attempt of a group: who starts when, who stops when, and what a member's end means to the rest.
 *
 *   begin ──> each begins when those it starts after are ready ──> every member has ended: completes
 *         └── a significant member fails, or the group is stopped ──> StopSequence ──> errors, or is over
 */
export class RunningGroup {
  readonly #attempt: Parent;
  readonly #strategy: Strategy;
  readonly #subscriber: Subscriber<never>;
  /** By name, in list order. */
  readonly #seats = new Map<string, Seat>();
  /** In the order in which they really started, for the first time. */
  readonly #started: Seat[] = [];
  #living = 0;
  #joint: JointRestart | undefined;
  #stopping: StopSequence | undefined;

  constructor(attempt: Parent, strategy: Strategy, subscriber: Subscriber<never>) {
    this.#attempt = attempt;
    this.#strategy = strategy;
    this.#subscriber = subscriber;
  }

  /** All members are born before any begins, so that nobody starts when one of them can't be. */
  begin(plans: readonly Plan[]): void {
    const { core } = this.#attempt.life;
    this.#attempt.hold().stopChildren = (reason) => {
      this.#stop(reason);
    };
    for (const plan of plans) {
      const seat = new Seat(plan, this);
      seat.member = bear(core, plan.payload, plan.options, this.#attempt, seat);
      this.#seats.set(plan.name, seat);
      this.#living++;
    }
    for (const seat of this.#seats.values()) this.#consider(seat);
    this.#completeIfOver();
  }

  started(seat: Seat): void {
    if (!this.#started.includes(seat)) this.#started.push(seat);
    if (!seat.plan.options.awaitReady) this.ready(seat);
  }

  ready(seat: Seat): void {
    seat.isReady = true;
    this.#considerDependents(seat);
  }

  ended(seat: Seat, end: End): void {
    const { failure, outcome } = end;
    seat.end = end;
    this.#living--;
    this.#joint?.ended(seat);
    if (outcome === 'failed' && seat.plan.significant) this.#fail(seat, failure?.error);
    this.#stopping?.ended(seat);
    if (this.#stopping) return;
    this.#considerDependents(seat);
    this.#completeIfOver();
  }

  /** Another attempt of one is due: alone, unless the strategy says that siblings restart with it. */
  holds(seat: Seat, delay: number, cause: RestartCause): boolean {
    if (this.#stopping) return false;
    if (this.#joint?.isTaking(seat)) {
      this.#joint.join(seat, cause, []);
      return true;
    }
    const others = cause === 'manual' ? [] : this.#restartingWith(seat);
    if (others.length === 0) return false;
    this.#jointRestart(seat, delay).join(seat, cause, others);
    return true;
  }

  /** The one under way, unless that has only its delay left: then a new one takes its members over. */
  #jointRestart(first: Seat, delay: number): JointRestart {
    if (this.#joint?.isAnnounced === false) return this.#joint;
    this.#joint?.cancel();
    return (this.#joint = new JointRestart(this.#attempt.life.core, first, delay, (held) => {
      this.#joint = undefined;
      for (const seat of this.#seats.values()) if (held.has(seat)) this.#consider(seat);
    }));
  }

  #restartingWith(seat: Seat): Seat[] {
    if (this.#strategy === 'one-for-one') return [];
    const all = [...this.#seats.values()];
    const listed = this.#strategy === 'one-for-all' ? all : all.slice(all.indexOf(seat) + 1);
    const taken = new Set(listed);
    return this.#started.filter((other) => other !== seat && !other.end && taken.has(other));
  }

  /** Begins a member when all that it starts after are ready or have completed; ends it when one never will be. */
  #consider(seat: Seat): void {
    const { member } = seat;
    // One that has been begun and still waits for its turn can be taken back.
    if (seat.end || this.#stopping || (seat.begun && member.state !== 'waiting')) return;
    for (const name of seat.plan.after) {
      const end = this.#seats.get(name)?.end;
      if (end?.outcome === 'failed') {
        const cause = { cause: end.failure?.error };
        member.giveUp(new DependencyError(member.name, name, cause));
        return;
      }
      if (end?.outcome === 'stopped') {
        member.stop(end.reason ?? Object.freeze({ type: 'stop' }));
        return;
      }
      if (!end && !this.#seats.get(name)?.isReady) return;
    }
    if (seat.begun) return;
    seat.begun = true;
    member.begin();
  }

  #considerDependents({ plan }: Seat): void {
    for (const seat of this.#seats.values()) {
      if (seat.plan.after.includes(plan.name)) this.#consider(seat);
    }
  }

  /** A significant member failed for good: its siblings stop, then the group fails with the same error. */
  #fail({ member }: Seat, error: unknown): void {
    const { core } = this.#attempt.life;
    if (this.#stopping) {
      core.failedWhileStopping(member, error);
      return;
    }
    this.#stop(Object.freeze({ type: 'failure', cause: error }), () => {
      // Asked to stop meanwhile, the group has nobody left to tell.
      if (this.#subscriber.closed) core.failedWhileStopping(member, error);
      else this.#subscriber.error(error);
    });
  }

  #stop(reason: StopReason, then: () => void = () => undefined): void {
    if (this.#stopping) return;
    this.#joint?.cancel();
    const { core } = this.#attempt.life;
    const unstarted = [...this.#seats.values()].filter((seat) => !this.#started.includes(seat));
    this.#stopping = new StopSequence([...this.#started, ...unstarted], reason, core, then);
    this.#stopping.proceed();
  }

  #completeIfOver(): void {
    if (this.#living === 0 && !this.#stopping) this.#subscriber.complete();
  }
}
