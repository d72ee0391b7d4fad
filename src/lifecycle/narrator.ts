import type { Report, StopReason } from '../report.js';
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
 * Nobody looks at most events of most runners, so an event is made only when somebody is subscribed;
 * `seq` counts all the same. The frequent ones are one literal each: to spread one object into another
 * costs fifty times as much.
 */
export class Narrator {
  readonly #stage: Stage;
  #seq = 0;
  #at = -Infinity;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  up(): void {
    if (this.#seen()) this.#tell(this.#stamp('up'));
  }

  start(life: Narrated, now: number): void {
    if (this.#seen()) this.#tell(this.#stampTask('start', life, now));
  }

  ready(life: Narrated): void {
    if (this.#seen()) this.#tell(this.#stampTask('ready', life));
  }

  crash(life: Narrated, error: unknown, uptime: number, restarting: boolean, now: number): void {
    if (!this.#seen()) return;
    const { name: task, id, attempt, origin } = life;
    const flavour = life.flavour.name;
    const seq = this.#seq;
    const at = this.#clock(now);
    this.#tell({
      seq,
      at,
      type: 'crash',
      task,
      id,
      flavour,
      attempt,
      origin,
      error,
      uptime,
      restarting,
    });
  }

  stopping(life: Narrated, reason: StopReason): void {
    if (this.#seen()) this.#tell(assign(this.#stampTask('stopping', life), { reason }));
  }

  overdue(life: Narrated, grace: number): void {
    if (this.#seen()) this.#tell(assign(this.#stampTask('overdue', life), { grace }));
  }

  restart(life: Narrated, delay: number, cause: RestartCause, now: number): void {
    if (!this.#seen()) return;
    const { name: task, id, attempt, origin } = life;
    const flavour = life.flavour.name;
    const seq = this.#seq;
    const at = this.#clock(now);
    this.#tell({ seq, at, type: 'restart', task, id, flavour, attempt, origin, delay, cause });
  }

  exit(
    life: Narrated,
    outcome: Outcome,
    failure: { readonly error: unknown } | undefined,
    fatal: boolean,
  ): void {
    if (!this.#seen()) return;
    const { name: task, id, attempt, origin } = life;
    const flavour = life.flavour.name;
    const seq = this.#seq;
    const at = this.#clock(this.#stage.now());
    if (failure) {
      const { error } = failure;
      this.#tell({
        seq,
        at,
        type: 'exit',
        task,
        id,
        flavour,
        attempt,
        origin,
        outcome,
        error,
        fatal,
      });
      return;
    }
    this.#tell({ seq, at, type: 'exit', task, id, flavour, attempt, origin, outcome, fatal });
  }

  backendDown(backend: string, error: unknown): void {
    if (this.#seen()) this.#tell(assign(this.#stamp('backend-down'), { backend, error }));
  }

  backendUp(backend: string): void {
    if (this.#seen()) this.#tell(assign(this.#stamp('backend-up'), { backend }));
  }

  shutdown(reason: StopReason): void {
    if (this.#seen()) this.#tell(assign(this.#stamp('shutdown'), { reason }));
  }

  down(report: Report): void {
    if (this.#seen()) this.#tell(assign(this.#stamp('down'), { report }));
  }

  /** Counts one event, and says whether anybody would see it. */
  #seen(): boolean {
    this.#seq++;
    return this.#stage.observed;
  }

  #stamp<Type extends string>(type: Type): { seq: number; at: number; type: Type } {
    return { seq: this.#seq, at: this.#clock(this.#stage.now()), type };
  }

  /** @param now  The clock, where it has just been read anyway. */
  #stampTask<Type extends string>(
    type: Type,
    { name, id, flavour, attempt, origin }: Narrated,
    now: number = this.#stage.now(),
  ): { seq: number; at: number; type: Type } & ToldOfTask {
    const seq = this.#seq;
    const at = this.#clock(now);
    return { seq, at, type, task: name, id, flavour: flavour.name, attempt, origin };
  }

  #clock(now: number): number {
    if (now > this.#at) this.#at = now;
    return this.#at;
  }

  #tell(event: LifecycleEvent): void {
    this.#stage.deliver(Object.freeze(event));
  }
}

const { assign } = Object;
