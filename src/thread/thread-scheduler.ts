import type { SchedulerLike, Subscription } from 'rxjs';
import { asap } from '../schedulers/asap-scheduler.js';
import {
  type Queued,
  QueuedAction,
  type Work,
  executeFenced,
} from '../schedulers/queued-action.js';
import { surface } from '../schedulers/surface.js';
import { checkOptions } from '../task/check.js';
import type { Entry } from '../task/shapes.js';
import type { ThreadedPayload } from '../task/threaded-payload.js';
import { checkRoom } from './check-room.js';
import { THREAD_CHECKS, type ThreadOptions, type ThreadSettings, toSettings } from './options.js';
import type { OwnThread } from './outside/own-thread.js';
import type { Pool } from './outside/pool.js';

// The way of a payload, there and back:
//
//   ThreadScheduler ─▶ Pool (Roster: where) ─▶ Thread ─▶ Requests ─▶ Line ═ port ═▶ entry ─▶ Desk ─▶ AttemptInThread
//                       Assignment ◀─ hear ◀─ Thread ◀─ Line ◀═ port ═ Speaker ◀───────────────────────┘
//                        └─▶ Inbox ─▶ the entry of its attempt on the main thread

/** Marks one, whatever copy of this package has made it. */
const THREADS = Symbol.for('rxvisor.thread-scheduler');

/** Whether a scheduler is one, of whatever copy. */
export const isThreadScheduler = (scheduler: object): scheduler is ThreadScheduler =>
  (scheduler as { readonly [THREADS]?: unknown })[THREADS] === true;

/**
 * Admits work as threads become free: `schedule(work)` runs `work`, on the main thread, when one of its
 * threads is. A threaded payload then crosses to that thread.
 *
 * A runner has one of its own. One that is made apart can be shared by several runners
 * (`new Runner({ threads })`), or be a flavour (`defineFlavour('crunch', threads)`); whoever has made
 * it closes it. It loads nothing and starts no thread before there is something to run, and its
 * threads keep no process alive.
 *
 * @param options  See {@link ThreadOptions}.
 * @throws {@link InvalidOptionError}
 */
export class ThreadScheduler implements SchedulerLike {
  readonly #settings: ThreadSettings;
  #pool: Pool | undefined;
  #loading: Promise<void> | undefined;
  /** What has come before the pool was loaded, and what needs no room in it. */
  readonly #early: Queued[] = [];
  readonly #besides: Queued[] = [];

  static {
    Object.defineProperty(this.prototype, THREADS, { value: true });
  }

  constructor(options: ThreadOptions = {}) {
    checkOptions(options, THREAD_CHECKS);
    this.#settings = toSettings(options);
  }

  /** How many threads are alive. */
  get threads(): number {
    return this.#pool?.size ?? 0;
  }

  /** Whether there has been anything to run. */
  get isLoaded(): boolean {
    return this.#loading !== undefined;
  }

  now(): number {
    return asap.now();
  }

  /**
   * @param delay  In ms, before it begins to wait for a thread.
   * @throws {@link QueueFullError}; {@link RunnerStateError} after `close()`.
   */
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return new QueuedAction<T>(this, work).schedule(state, delay);
  }

  /**
   * Ends all threads, for good. What runs on them fails with a {@link WorkerCrashError}, what waits and
   * what comes later with a {@link RunnerStateError}. Resolves when they're gone.
   */
  async close(): Promise<void> {
    this.#load();
    await this.#loading;
    await this.#pool?.close();
  }

  /** @internal */
  enqueue(action: Queued): void {
    if (this.#pool) this.#pool.enqueue(action);
    else {
      checkRoom(this.#early.filter(({ closed = false }) => !closed).length, this.#settings);
      this.#early.push(action);
      this.#load();
    }
  }

  /** @internal */
  wake(action: Queued): void {
    executeFenced({
      execute: () => {
        this.enqueue(action);
      },
    });
  }

  /** Runs a payload on the thread that its work has just been admitted for. @internal */
  enter(entry: Entry, payload: ThreadedPayload): void {
    this.#loaded.enter(entry, payload);
  }

  /** Makes a thread beside the pool, when that's loaded. @internal */
  own(): OwnThread {
    return this.#loaded.own();
  }

  /** Waits for no thread of the pool: only until there can be one beside it. @internal */
  readonly beside: SchedulerLike = {
    now: () => this.now(),
    schedule: (work, delay, state) =>
      new QueuedAction(
        { enqueue: this.#enqueueBeside, wake: executeFenced },
        work as Work<unknown>,
      ).schedule(state, delay),
  };

  readonly #enqueueBeside = (action: Queued): void => {
    if (this.#pool) asap.enqueue(action);
    else {
      this.#besides.push(action);
      this.#load();
    }
  };

  get #loaded(): Pool {
    if (!this.#pool) throw new TypeError('nothing has been admitted to a thread yet');
    return this.#pool;
  }

  #load(): void {
    this.#loading ??= import('./outside/pool.js').then(({ Pool }) => {
      this.#pool = new Pool(this.#settings);
      for (const action of this.#besides.splice(0)) asap.enqueue(action);
      for (const action of this.#early.splice(0)) this.#pool.enqueue(action);
    }, surface);
  }
}
