import { DependencyError } from '../errors.js';
import type { Seat } from './seat.js';
import { fixed } from '../report.js';

/** Begins members, each when all that it starts after are ready or have completed. */
export class StartOrder {
  /** By name, in list order. */
  readonly #seats: ReadonlyMap<string, Seat>;
  readonly #dependents = new Map<string, Seat[]>();
  readonly #queue: Seat[] = [];
  #working = false;
  #closed = false;

  constructor(seats: ReadonlyMap<string, Seat>) {
    this.#seats = seats;
    for (const name of seats.keys()) this.#dependents.set(name, []);
    for (const seat of seats.values()) {
      for (const name of seat.plan.after) this.#dependents.get(name)?.push(seat);
    }
  }

  /** Something has changed for those who start after this one. */
  changed({ plan }: Seat): void {
    this.consider(this.#dependents.get(plan.name) ?? []);
  }

  /** A queue, not a recursion: one that is given up here changes things for others. */
  consider(seats: Iterable<Seat>): void {
    for (const seat of seats) this.#queue.push(seat);
    if (this.#working) return;
    this.#working = true;
    for (const seat of this.#queue) if (!this.#closed) this.#consider(seat);
    this.#queue.length = 0;
    this.#working = false;
  }

  /** Nobody begins any more. */
  close(): void {
    this.#closed = true;
  }

  #consider(seat: Seat): void {
    const { member, plan, begun } = seat;
    // One that has been begun and still waits for its turn can be taken back.
    if (seat.isOver || (begun && member.state !== 'waiting')) return;
    for (const name of plan.after) {
      const other = this.#seats.get(name);
      if (other?.end?.outcome === 'failed') {
        const cause = { cause: other.end.failure?.error };
        member.giveUp(new DependencyError(member.name, name, cause));
        return;
      }
      if (other?.end?.outcome === 'stopped') {
        member.stop(other.end.reason ?? fixed({ type: 'stop' }));
        return;
      }
      if (!other?.end && !other?.isReady) return;
    }
    if (begun) return;
    seat.begun = true;
    member.begin();
  }
}
