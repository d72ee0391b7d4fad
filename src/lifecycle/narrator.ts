import type { Report, StopReason } from '../errors.js';
import type { LifecycleEvent, Origin, Outcome, RestartCause } from './events.js';

/** What a life has to be to be narrated. */
export interface Narrated {
  readonly name: string;
  readonly id: number;
  readonly flavour: { readonly name: string };
  /** Number of the current attempt, 0 before the first. */
  readonly attempt: number;
  readonly origin: Origin;
}

/** Where events go. */
export interface Stage {
  /** Whether anybody would see an event. */
  readonly observed: boolean;
  readonly now: () => number;
  readonly deliver: (event: LifecycleEvent) => void;
}

/**
 * Puts what happens into events: numbered without a gap, stamped with a clock that never goes back.
 *
 * Nobody looks at most events of most runners, so an event is made only when somebody is subscribed;
 * `seq` counts all the same. Each is written out as one literal: merging objects by spread costs
 * fifty times as much, and this is where a short task spends its time when it is observed.
 */
export class Narrator {
  readonly #stage: Stage;
  #seq = 0;
  #at = -Infinity;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  up(): void {
    if (this.#unseen()) return;
    this.#tell({ seq: this.#seq, at: this.#now(), type: 'up' });
  }

  start(life: Narrated, now: number): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    this.#tell({
      seq: this.#seq,
      at: this.#now(now),
      type: 'start',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
    });
  }

  ready(life: Narrated): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    this.#tell({
      seq: this.#seq,
      at: this.#now(),
      type: 'ready',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
    });
  }

  crash(life: Narrated, error: unknown, uptime: number, restarting: boolean, now: number): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    this.#tell({
      seq: this.#seq,
      at: this.#now(now),
      type: 'crash',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
      error,
      uptime,
      restarting,
    });
  }

  stopping(life: Narrated, reason: StopReason): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    this.#tell({
      seq: this.#seq,
      at: this.#now(),
      type: 'stopping',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
      reason,
    });
  }

  overdue(life: Narrated, grace: number): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    this.#tell({
      seq: this.#seq,
      at: this.#now(),
      type: 'overdue',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
      grace,
    });
  }

  restart(life: Narrated, delay: number, cause: RestartCause, now: number): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    this.#tell({
      seq: this.#seq,
      at: this.#now(now),
      type: 'restart',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
      delay,
      cause,
    });
  }

  exit(
    life: Narrated,
    outcome: Outcome,
    failure: { readonly error: unknown } | undefined,
    fatal: boolean,
  ): void {
    if (this.#unseen()) return;
    const { name, id, flavour, attempt, origin } = life;
    const at = this.#now();
    const seq = this.#seq;
    if (!failure) {
      this.#tell({
        seq,
        at,
        type: 'exit',
        task: name,
        id,
        flavour: flavour.name,
        attempt,
        origin,
        outcome,
        fatal,
      });
      return;
    }
    const { error } = failure;
    this.#tell({
      seq,
      at,
      type: 'exit',
      task: name,
      id,
      flavour: flavour.name,
      attempt,
      origin,
      outcome,
      error,
      fatal,
    });
  }

  shutdown(reason: StopReason): void {
    if (this.#unseen()) return;
    this.#tell({ seq: this.#seq, at: this.#now(), type: 'shutdown', reason });
  }

  down(report: Report): void {
    if (this.#unseen()) return;
    this.#tell({ seq: this.#seq, at: this.#now(), type: 'down', report });
  }

  /** Counts one event, and says whether it need not be made. */
  #unseen(): boolean {
    this.#seq++;
    return !this.#stage.observed;
  }

  /** @param now  The clock, where it has just been read anyway. */
  #now(now: number = this.#stage.now()): number {
    this.#at = Math.max(this.#at, now);
    return this.#at;
  }

  #tell(event: LifecycleEvent): void {
    this.#stage.deliver(Object.freeze(event));
  }
}
