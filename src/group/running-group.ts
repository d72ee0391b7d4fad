import type { Subscriber } from 'rxjs';
import type { RestartCause } from '../lifecycle/events.js';
import { type StopReason, fixed } from '../report.js';
import { bear } from '../runner/adopt.js';
import type { End } from '../runner/end.js';
import type { Parent } from '../runner/owner.js';
import { JointRestart } from './joint-restart.js';
import type { Plan, Strategy } from './plan.js';
import { Seat } from './seat.js';
import { StartOrder } from './start-order.js';
import { StopSequence } from './stop-sequence.js';

/**
 * One attempt of a group: what a member's start, its end and its next attempt mean to the others.
 *
 *   begin ──> StartOrder ──> every member has ended: completes
 *         ├── a member is due again, and its siblings with it ──> JointRestart
 *         └── a significant member fails, or the group is stopped ──> StopSequence ──> errors, or is over
 */
export class RunningGroup {
  readonly #attempt: Parent;
  readonly #strategy: Strategy;
  readonly #subscriber: Subscriber<never>;
  /** By name, in list order. */
  readonly #seats = new Map<string, Seat>();
  /** In the order in which they really started, for the first time. */
  readonly #started = new Set<Seat>();
  #living = 0;
  #order: StartOrder | undefined;
  #joint: JointRestart | undefined;
  #stopping: StopSequence | undefined;
  /** What the group is to fail with, when the others have stopped. */
  #failure: { readonly seat: Seat; readonly error: unknown } | undefined;

  constructor(attempt: Parent, strategy: Strategy, subscriber: Subscriber<never>) {
    this.#attempt = attempt;
    this.#strategy = strategy;
    this.#subscriber = subscriber;
  }

  /** All members are born before any begins, so that nobody starts when one of them can't be. */
  begin(plans: readonly Plan[]): void {
    const { core } = this.#attempt.life;
    const held = this.#attempt.hold();
    held.stopChildren = (reason) => {
      const members = new Set<object>(Array.from(this.#seats.values(), ({ member }) => member));
      for (const child of [...held.children]) if (!members.has(child)) child.stop(reason);
      this.#stop(reason);
    };
    for (const plan of plans) {
      const seat = new Seat(plan, this);
      seat.member = bear(core, plan.payload, plan.options, this.#attempt, seat);
      this.#seats.set(plan.name, seat);
      this.#living++;
    }
    this.#order = new StartOrder(this.#seats);
    this.#order.consider(this.#seats.values());
    this.#completeIfOver();
  }

  /** The group's source is left: nobody is there to fail for any more. */
  leave(): void {
    if (!this.#failure) return;
    const { seat, error } = this.#failure;
    this.#failure = undefined;
    this.#attempt.life.core.failedWhileStopping(seat.member, error);
  }

  started(seat: Seat): void {
    this.#started.add(seat);
    if (!seat.plan.options.awaitReady) this.ready(seat);
  }

  ready(seat: Seat): void {
    seat.isReady = true;
    this.#order?.changed(seat);
  }

  ended(seat: Seat, end: End): void {
    const { failure, outcome } = end;
    seat.end = end;
    this.#living--;
    if (outcome === 'failed' && seat.plan.significant) this.#fail(seat, failure?.error);
    this.#joint?.ended(seat);
    this.#stopping?.ended(seat);
    this.#order?.changed(seat);
    this.#completeIfOver();
  }

  hurry(): void {
    this.#joint?.hurry();
  }

  /** Another attempt of one is due: alone, unless the strategy says that siblings restart with it. */
  holds(seat: Seat, delay: number, cause: RestartCause): boolean {
    if (this.#stopping) {
      seat.member.stop(this.#stopping.reason);
      return true;
    }
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
      this.#order?.consider([...this.#seats.values()].filter((seat) => held.has(seat)));
    }));
  }

  /** In the order of their start; those that still wait for their turn come last. */
  #restartingWith(seat: Seat): Seat[] {
    if (this.#strategy === 'one-for-one') return [];
    const all = [...this.#seats.values()];
    const taken = new Set(
      this.#strategy === 'one-for-all' ? all : all.slice(all.indexOf(seat) + 1),
    );
    const begun = all.filter((other) => other.begun && !this.#started.has(other));
    const living = [...this.#started, ...begun].filter((other) => other !== seat && !other.isOver);
    return living.filter((other) => taken.has(other));
  }

  /** A significant member failed for good: its siblings stop, then the group fails with the same error. */
  #fail(seat: Seat, error: unknown): void {
    if (this.#stopping) {
      this.#attempt.life.core.failedWhileStopping(seat.member, error);
      return;
    }
    this.#failure = { seat, error };
    this.#stop(fixed({ type: 'failure', cause: error }), () => {
      const isLeft = !this.#failure;
      this.#failure = undefined;
      if (!isLeft) this.#subscriber.error(error);
    });
  }

  #stop(reason: StopReason, then: () => void = () => undefined): void {
    if (this.#stopping) return;
    this.#joint?.cancel();
    this.#order?.close();
    const unstarted = [...this.#seats.values()].filter((seat) => !this.#started.has(seat));
    const seats = [...this.#started, ...unstarted];
    this.#stopping = new StopSequence(seats, reason, this.#attempt.life.core, then);
    this.#stopping.begin();
  }

  #completeIfOver(): void {
    if (this.#living === 0 && !this.#stopping) this.#subscriber.complete();
  }
}
