import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { asap } from '../../schedulers/asap-scheduler.js';
import { Fifo } from '../../schedulers/fifo.js';
import { type Queued, executeFenced } from '../../schedulers/queued-action.js';
import type { Entry } from '../../task/shapes.js';
import type { ThreadedPayload } from '../../task/threaded-payload.js';
import { checkRoom } from '../check-room.js';
import type { ThreadSettings } from '../options.js';
import { Assignment } from './assignment.js';
import { SEATS } from '../seats.js';
import { OwnThread } from './own-thread.js';
import { type Keeper, Thread } from './thread.js';

/**
 * Threads that share the work: what waits is admitted as one of them becomes free. It starts them when
 * there's something to run, up to `size`, and lets them go when there has been nothing for a while.
 *
 * When all are busy a few may wait on a thread ahead of time, so that short ones don't wait for the
 * way there and back; from a thread that takes long they're taken back when another one is free.
 */
export class Pool implements Keeper {
  readonly #settings: ThreadSettings;
  readonly #threads = new Set<Thread>();
  /** Those of adopted tasks, beside the pool. */
  readonly #owned = new Set<Thread>();
  readonly #waiting = new Fifo<Queued>();
  /** Were on a thread that has died before it was their turn. */
  readonly #stranded: Assignment[] = [];
  #admitting: Place | undefined;
  #armed = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  /** How many threads are alive. */
  get size(): number {
    return this.#threads.size + this.#owned.size;
  }

  /** A thread beside the pool. */
  own(): OwnThread {
    return new OwnThread(this.#settings, this.#owned);
  }

  /** @throws {@link QueueFullError} */
  enqueue(action: Queued): void {
    if (this.#settings.maxQueue < Infinity) this.#checkRoom();
    this.#waiting.push(action);
    this.#arm();
  }

  /** Puts a payload that has just been admitted on the thread that was found free for it. */
  enter(entry: Entry, payload: ThreadedPayload): void {
    this.#assign(new Assignment(entry, payload), this.#admitting);
  }

  released(thread: Thread): void {
    if (thread.load > 0) this.#arm();
    else this.#idle(thread);
  }

  died(thread: Thread, untouched: readonly Assignment[]): void {
    this.#threads.delete(thread);
    this.#stranded.push(...untouched);
    this.#arm();
  }

  /** Ends all threads. Resolves when they're gone. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    await Promise.all([...this.#threads, ...this.#owned].map((thread) => thread.close()));
  }

  #checkRoom(): void {
    this.#waiting.drop(({ closed = false }) => closed);
    let inside = this.#stranded.length + this.#waiting.size;
    for (const thread of this.#threads) inside += thread.load;
    checkRoom(inside, this.#settings);
  }

  /** Admits as a microtask: when all that is over by now has been released. */
  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    asap.enqueue(this);
  }

  /** @internal */
  execute(): void {
    this.#armed = false;
    for (const stranded of this.#stranded.splice(0)) this.#assign(stranded, this.#leastLoaded());
    while (this.#waiting.size > 0) {
      const place = this.#findPlace();
      if (!place) return;
      this.#admitting = place;
      const action = this.#waiting.shift();
      if (action) executeFenced(action);
      this.#admitting = undefined;
    }
    this.#share();
  }

  #assign(assignment: Assignment, place: Place | undefined): void {
    const thread = place === undefined || place === NEW ? this.#start() : place;
    thread.assign(assignment);
  }

  /** @throws what Node says to impossible options */
  #start(): Thread {
    const thread = new Thread(this.#settings, this);
    this.#threads.add(thread);
    return thread;
  }

  /** Where the next one may run: on a thread that has nothing to do, on a new one, or on one ahead of time. */
  #findPlace(): Place | undefined {
    const least = this.#leastLoaded();
    if (least && least.load < this.#settings.overlap) return least;
    if (this.#threads.size < this.#settings.size) return NEW;
    return least && least.load < this.#settings.overlap + least.ahead ? least : undefined;
  }

  #leastLoaded(): Thread | undefined {
    let least: Thread | undefined;
    for (const thread of this.#threads) {
      const isOpen = !thread.isLeaving && thread.runs < this.#settings.maxRuns;
      if (isOpen && thread.load < (least?.load ?? SEATS)) least = thread;
    }
    return least;
  }

  /** Nothing waits: whoever has nothing to do takes over what waits on the others ahead of time. */
  #share(): void {
    for (const idle of this.#threads) {
      if (idle.load > 0 || idle.isLeaving || idle.runs >= this.#settings.maxRuns) continue;
      for (const busy of this.#threads) {
        const moved = busy.load > this.#settings.overlap ? busy.takeBackFirst() : undefined;
        if (moved) idle.assign(moved);
        if (moved) break;
      }
    }
  }

  #idle(thread: Thread): void {
    this.#arm();
    if (thread.runs >= this.#settings.maxRuns) void thread.close();
    else {
      thread.idleSince = performance.now();
      this.#idleTimer ??= this.#wakeIn(this.#settings.idleTimeout);
    }
  }

  readonly #retireIdle = (): void => {
    this.#idleTimer = undefined;
    const { idleTimeout } = this.#settings;
    const now = performance.now();
    let soonest = Infinity;
    for (const thread of this.#threads) {
      if (thread.load > 0 || thread.isLeaving) continue;
      const left = thread.idleSince + idleTimeout - now;
      if (left <= 0) void thread.close();
      else soonest = Math.min(soonest, left);
    }
    if (soonest < Infinity) this.#idleTimer = this.#wakeIn(soonest);
  };

  /** It keeps no process alive. */
  #wakeIn(ms: number): NodeJS.Timeout {
    return setTimeout(this.#retireIdle, ms).unref();
  }
}

/** A thread that is to be started when there's something for it. */
const NEW = 'new';
type Place = Thread | typeof NEW;
