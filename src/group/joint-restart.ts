import type { Unsubscribable } from 'rxjs';
import type { RestartCause } from '../lifecycle/events.js';
import { type StopReason, fixed } from '../report.js';
import type { Core } from '../runner/core.js';
import type { Seat } from './seat.js';

const RESTARTING: StopReason = fixed({ type: 'restart' });

/**
 * Restarts a member together with siblings of its.
 *
 *   one is due again ──> the others stop, in reverse, one at a time ──> `restart` is told of all, with
 *   the delay of the first ──> they begin, in list order, each when those it starts after are ready
 *
 * The siblings' budgets and backoffs know nothing of it.
 */
export class JointRestart {
  readonly #core: Core;
  readonly #first: Seat;
  readonly #delay: number;
  readonly #whenDue: (held: ReadonlySet<Seat>) => void;
  /** Who is held, and why it restarts; without a cause there is nothing to tell: it wasn't running. */
  readonly #held = new Map<Seat, RestartCause | undefined>();
  /** Those who are still to be stopped, the next one last. */
  #untaken: Seat[] = [];
  /** The one that is being stopped. */
  #taken: Seat | undefined;
  #alarm: Unsubscribable | undefined;
  #proceeding = false;
  #isOver = false;

  /** @param delay  In ms, from when all are stopped. */
  constructor(core: Core, first: Seat, delay: number, whenDue: (held: ReadonlySet<Seat>) => void) {
    this.#core = core;
    this.#first = first;
    this.#delay = delay;
    this.#whenDue = whenDue;
  }

  /** One more is due again; `others`, in the order of their start, are to restart with it. */
  join(seat: Seat, cause: RestartCause, others: readonly Seat[]): void {
    const mine = new Set([this.#taken, ...this.#untaken, ...this.#held.keys()]);
    this.#held.set(seat, cause);
    this.#untaken = [...others.filter((other) => !mine.has(other)), ...this.#untaken];
    if (this.#taken === seat) this.#taken = undefined;
    this.#proceed();
  }

  /** Whether all are stopped and told, and only the delay is left. */
  get isAnnounced(): boolean {
    return this.#alarm !== undefined;
  }

  isTaking(seat: Seat): boolean {
    return this.#taken === seat || this.#untaken.includes(seat);
  }

  /** The delay is over by hand. */
  hurry(): void {
    if (!this.#alarm) return;
    this.#alarm.unsubscribe();
    this.#comeBack();
  }

  ended(seat: Seat): void {
    this.#held.delete(seat);
    if (this.#taken === seat) this.#taken = undefined;
    if (this.#held.size === 0 && this.#alarm) this.cancel();
    else this.#proceed();
  }

  cancel(): void {
    this.#alarm?.unsubscribe();
    this.#untaken = [];
    this.#isOver = true;
  }

  /** A loop, not a recursion: a member that stops at once comes back here through `join` or `ended`. */
  #proceed(): void {
    if (this.#proceeding) return;
    this.#proceeding = true;
    while (!this.#taken && !this.#alarm && !this.#isOver) this.#takeNext();
    this.#proceeding = false;
  }

  #takeNext(): void {
    const seat = this.#untaken.pop();
    if (!seat) {
      this.#announce();
      return;
    }
    if (seat.isOver || this.#held.has(seat)) return;
    const { state } = seat.member;
    const isIdle = state === 'backoff' || state === 'waiting';
    if (isIdle) this.#held.set(seat, undefined);
    else this.#taken = seat;
    // Who is never restarted isn't restarted with a sibling either.
    if (!isIdle && seat.plan.options.restart === 'never') seat.member.stop(RESTARTING);
    else seat.member.takeAlong();
  }

  #comeBack(): void {
    this.#isOver = true;
    this.#whenDue(new Set(this.#held.keys()));
  }

  #announce(): void {
    const { scheduler } = this.#first.plan.options;
    this.#alarm = this.#core.wake(this.#delay, scheduler, () => {
      this.#comeBack();
    });
    for (const seat of this.#held.keys()) seat.begun = seat.isReady = false;
    for (const [seat, cause] of [...this.#held]) {
      if (cause && !seat.isOver) seat.member.announce(this.#delay, cause);
    }
  }
}
