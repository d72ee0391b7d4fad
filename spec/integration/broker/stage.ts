import type { Job } from 'rxvisor';
import type { BrokerTaskBackend } from 'rxvisor/broker';
import { until } from './fleet.js';

/** Jobs that run until they're told to end, of as many backends as are put on it. */
export class Stage {
  /** Those that have begun, in their order. */
  readonly begun: Job[] = [];
  readonly #running = new Map<Job, () => void>();

  /** Has a backend do its jobs here. */
  take(backend: BrokerTaskBackend): void {
    backend.setExecutor(
      (job, { signal }) =>
        new Promise<void>((resolve) => {
          const end = () => {
            this.#running.delete(job);
            resolve();
          };
          this.begun.push(job);
          this.#running.set(job, end);
          signal.addEventListener('abort', end);
        }),
    );
  }

  get running(): Job[] {
    return [...this.#running.keys()];
  }

  /** Ends one: that which has run for longest, or the first of a group. */
  end(group?: string): void {
    const job = this.running.find((each) => group === undefined || each.group === group);
    if (!job) throw new Error(`no job of group ${String(group)} runs`);
    this.#running.get(job)?.();
  }

  async hasBegun(count: number): Promise<void> {
    await until(() => this.begun.length >= count);
  }
}

/** Counts what runs at a time, of jobs that end by themselves. */
export class Census {
  /** How many jobs have run at a time, at the most, by group and in all. */
  readonly most: Record<string, number> = {};
  readonly done: unknown[] = [];
  readonly #running: Record<string, number> = {};

  /** @param work  What they do meanwhile. */
  take(backend: BrokerTaskBackend, work: () => Promise<unknown>): void {
    backend.setExecutor(async ({ n, group = 'none' }) => {
      const kinds = ['all', String(group)];
      for (const kind of kinds) this.#add(kind, 1);
      await work();
      for (const kind of kinds) this.#add(kind, -1);
      this.done.push(n);
    });
  }

  #add(kind: string, count: number): void {
    const running = (this.#running[kind] ?? 0) + count;
    this.#running[kind] = running;
    this.most[kind] = Math.max(this.most[kind] ?? 0, running);
  }
}
