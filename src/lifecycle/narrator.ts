import type { Report, StopReason } from '../errors.js';
import type { LifecycleEvent, Origin, Outcome, RestartCause, ToldOfTask } from './events.js';

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
 * Nobody looks at most events of most runners, and building and freezing them costs more than the
 * rest of a short task, so an event is made only when somebody is subscribed; `seq` counts all the same.
 */
export class Narrator {
  readonly #stage: Stage;
  #seq = 0;
  #at = -Infinity;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  up(): void {
    if (this.#seen()) this.#tell({ ...this.#stamp('up') });
  }

  start(life: Narrated): void {
    if (this.#seen()) this.#tell(this.#stampTask('start', life));
  }

  ready(life: Narrated): void {
    if (this.#seen()) this.#tell(this.#stampTask('ready', life));
  }

  crash(life: Narrated, error: unknown, uptime: number, restarting: boolean): void {
    if (this.#seen())
      this.#tell({ ...this.#stampTask('crash', life), error, uptime, restarting });
  }

  stopping(life: Narrated, reason: StopReason): void {
    if (this.#seen()) this.#tell({ ...this.#stampTask('stopping', life), reason });
  }

  overdue(life: Narrated, grace: number): void {
    if (this.#seen()) this.#tell({ ...this.#stampTask('overdue', life), grace });
  }

  restart(life: Narrated, delay: number, cause: RestartCause): void {
    if (this.#seen()) this.#tell({ ...this.#stampTask('restart', life), delay, cause });
  }

  exit(
    life: Narrated,
    outcome: Outcome,
    failure: { readonly error: unknown } | undefined,
    fatal: boolean,
  ): void {
    if (this.#seen())
      this.#tell({ ...this.#stampTask('exit', life), outcome, ...failure, fatal });
  }

  shutdown(reason: StopReason): void {
    if (this.#seen()) this.#tell({ ...this.#stamp('shutdown'), reason });
  }

  down(report: Report): void {
    if (this.#seen()) this.#tell({ ...this.#stamp('down'), report });
  }

  /** Counts one event, and says whether it has to be made. */
  #seen(): boolean {
    this.#seq++;
    return this.#stage.observed;
  }

  #stamp<Type extends string>(type: Type): { seq: number; at: number; type: Type } {
    this.#at = Math.max(this.#at, this.#stage.now());
    return { seq: this.#seq, at: this.#at, type };
  }

  #stampTask<Type extends string>(
    type: Type,
    { name, id, flavour, attempt, origin }: Narrated,
  ): { seq: number; at: number; type: Type } & ToldOfTask {
    this.#at = Math.max(this.#at, this.#stage.now());
    const seq = this.#seq;
    return { seq, at: this.#at, type, task: name, id, flavour: flavour.name, attempt, origin };
  }

  #tell(event: LifecycleEvent): void {
    this.#stage.deliver(Object.freeze(event));
  }
}
