import { Subscription } from 'rxjs';
import { type Report, type StopReason, fixed } from '../report.js';
import type { Core, Living } from './core.js';

/**
 * How a runner ends: once, bounded, and last of all.
 *
 *   begin ──> every task is asked at once ──> the last life is over ──> its threads are gone ──> down
 *         └── shutdownTimeout, or force ──> whatever lives is terminated or abandoned ──┘
 */
export class Shutdown {
  /** Resolves when all has stopped. */
  readonly report: Promise<Report>;
  /** Whether to begin when all lives are over. */
  untilIdle = false;
  /** What the runner holds until then: timers, listeners, the handle that keeps the process alive. */
  readonly holding: Subscription = new Subscription();
  readonly #core: Core;
  readonly #timeout: number;
  readonly #upSince: () => number | undefined;
  #resolve!: (report: Report) => void;
  #reason: StopReason | undefined;
  #closing: Promise<unknown> | undefined;

  /** @param timeout  In ms, until whatever still lives is abandoned. */
  constructor(core: Core, timeout: number, upSince: () => number | undefined) {
    this.#core = core;
    this.#timeout = timeout;
    this.#upSince = upSince;
    this.report = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Legal in every state; the first reason is kept. */
  begin(reason: StopReason): void {
    const core = this.#core;
    if (this.#reason) return;
    this.#reason = reason;
    core.state = 'stopping';
    core.stopReason = reason;
    core.narrate.shutdown(reason);
    const deadline = core.alarm.in(this.#timeout, () => {
      this.force();
    });
    this.holding.add(() => {
      deadline.unsubscribe();
    });
    for (const life of this.#parentless()) life.stop(reason);
    // A child whose parent waits to be asked isn't started meanwhile.
    const cause = fixed({ type: 'parent', cause: reason } as const);
    for (const life of [...core.lives]) {
      if (life.state === 'waiting' || life.state === 'backoff') life.stop(cause);
    }
    this.#proceed();
  }

  /** Time is up: whatever still lives is given up at once. */
  force(): void {
    if (!this.#reason || this.#core.state === 'stopped') return;
    this.#core.forced = true;
    for (const life of this.#parentless()) life.force(this.#reason);
    this.#proceed();
  }

  /** A life is over: was it the last one? */
  lifeOver(): void {
    this.#proceed();
    // Whoever sees the last exit may still adopt.
    if (this.untilIdle && this.#isIdle()) this.#core.events.whenDelivered(this.#beginIfIdle);
  }

  readonly #beginIfIdle = (): void => {
    if (this.#isIdle()) this.begin(fixed({ type: 'idle' }));
  };

  #isIdle(): boolean {
    const { state, lives, expected } = this.#core;
    return state === 'running' && lives.size === 0 && expected === 0;
  }

  #proceed(): void {
    const core = this.#core;
    const reason = this.#reason;
    if (!reason || core.state !== 'stopping' || core.lives.size > 0 || this.#closing) return;
    // Nothing runs on them any more, and they go with their runner.
    this.#closing = core.threads.close();
    if (!this.#closing) this.#finish(reason);
    else {
      void this.#closing.then(() => {
        this.#finish(reason);
      });
    }
  }

  #finish(reason: StopReason): void {
    const core = this.#core;
    const upSince = this.#upSince();
    const uptime = upSince === undefined ? 0 : Math.max(0, core.now() - upSince);
    const report = core.books.report(reason, uptime);
    core.state = 'stopped';
    this.holding.unsubscribe();
    core.narrate.down(report);
    core.events.close();
    this.#resolve(report);
  }

  /** A child is stopped by the attempt that it belongs to. */
  #parentless(): Living[] {
    return [...this.#core.lives].filter((life) => !life.isChild);
  }
}
