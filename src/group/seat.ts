import type { RestartCause } from '../lifecycle/events.js';
import type { End } from '../runner/end.js';
import type { Host, Member } from '../runner/host.js';
import type { Plan } from './plan.js';

/** What a seat tells the group of its member. */
interface Table {
  started(seat: Seat): void;
  ready(seat: Seat): void;
  ended(seat: Seat, end: End): void;
  hurry(): void;
  holds(seat: Seat, delay: number, cause: RestartCause): boolean;
}

/** One member of a running group, with what the group remembers of it. */
export class Seat implements Host {
  readonly plan: Plan;
  member!: Member;
  /** Whether it has been begun; not any more while a joint restart is under way. */
  begun = false;
  isReady = false;
  /** How it ended; known when everybody has been told that it has. */
  end: End | undefined;
  readonly #table: Table;

  constructor(plan: Plan, table: Table) {
    this.plan = plan;
    this.#table = table;
  }

  /** Whether nothing follows any more, also while that is still being told. */
  get isOver(): boolean {
    return this.member.state === 'over';
  }

  started(): void {
    this.#table.started(this);
  }

  ready(): void {
    this.#table.ready(this);
  }

  ended(end: End): void {
    this.#table.ended(this, end);
  }

  judge(): 'taken' | 'tolerated' {
    return this.plan.significant ? 'taken' : 'tolerated';
  }

  hurry(): void {
    this.#table.hurry();
  }

  holds(delay: number, cause: RestartCause): boolean {
    return this.#table.holds(this, delay, cause);
  }
}
