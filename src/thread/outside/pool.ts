import { performance } from 'node:perf_hooks';
import { RunnerStateError } from '../../errors.js';
import { asap } from '../../schedulers/asap-scheduler.js';
import { type Queued, executeFenced } from '../../schedulers/queued-action.js';
import type { Entry } from '../../task/shapes.js';
import type { ThreadedPayload } from '../../task/threaded-payload.js';
import type { ThreadSettings } from '../options.js';
import { Assignment } from './assignment.js';
import { IdleWatch } from './idle-watch.js';
import { type Connect, connect } from './line.js';
import { OwnThread } from './own-thread.js';
import { NEW, type Place, Roster } from './roster.js';
import { type Keeper, Thread } from './thread.js';
import { WaitingRoom } from './waiting-room.js';

/**
 * Threads that share the work: what waits is admitted as one of them becomes free. It starts them when
 * there's something to run, up to `size`, and lets them go when there has been nothing for a while.
 *
 * When all are busy a few may wait on a thread ahead of time, so that short ones don't wait for the
 * way there and back; from a thread that takes long they're taken back when another one is free.
 */
export class Pool implements Keeper {
  readonly #settings: ThreadSettings;
  readonly #toLine: Connect;
  readonly #idleWatch: IdleWatch;
  readonly #roster: Roster;
  /** Those of adopted tasks, beside the pool. */
  readonly #owned = new Set<Thread>();
  readonly #waiting: WaitingRoom;
  /** Admitted, and on no thread: theirs has died before it was their turn, or is busy and they can't be taken back. */
  readonly #unplaced: Assignment[] = [];
  #admitting: Place | undefined;
  #armed = false;
  #closing: Promise<void> | undefined;

  constructor(settings: ThreadSettings, toLine: Connect = connect) {
    this.#settings = settings;
    this.#toLine = toLine;
    this.#roster = new Roster(settings);
    this.#waiting = new WaitingRoom(settings);
    this.#idleWatch = new IdleWatch(settings.idleTimeout, this.#roster.threads);
  }

  /** How many threads are alive. */
  get size(): number {
    return this.#roster.threads.size + this.#owned.size;
  }

  /** A thread beside the pool. */
  own(): OwnThread {
    return new OwnThread(this.#owned, (keeper) => this.#make(keeper));
  }

  /** @throws {@link QueueFullError}, or {@link RunnerStateError} when it's closed */
  enqueue(action: Queued): void {
    this.#checkOpen();
    this.#waiting.push(action, () => this.#countInside());
    this.#arm();
  }

  /** Puts a payload that has just been admitted on the thread that was found free for it. */
  enter(entry: Entry, payload: ThreadedPayload): void {
    this.#checkOpen();
    const assignment = new Assignment(entry, payload);
    const place = this.#admitting;
    const isAhead = typeof place === 'object' && place.load >= this.#settings.overlap;
    // What can't be taken back is not put anywhere ahead of time, nor is what would fill the caches.
    if (isAhead && (assignment.isMoved || assignment.isBulky)) this.#unplaced.push(assignment);
    else this.#assign(assignment, place);
  }

  released(thread: Thread): void {
    const isWaiting = this.#unplaced.length + this.#waiting.size > 0;
    if (isWaiting || this.#roster.threads.size > 1) this.#arm();
    if (thread.load > 0) return;
    if (thread.isSpent) void thread.close();
    else this.#idleWatch.idle();
  }

  died(thread: Thread, untouched: readonly Assignment[]): void {
    this.#roster.threads.delete(thread);
    this.#unplaced.push(...untouched);
    this.#arm();
  }

  /** Ends all threads, for good. Resolves when they're gone. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#idleWatch.stop();
    await Promise.all([...this.#roster.threads, ...this.#owned].map((thread) => thread.close()));
    this.#turnAway();
  }

  #turnAway(): void {
    for (const each of this.#unplaced.splice(0)) each.fail(isClosed());
    for (let each = this.#waiting.shift(); each; each = this.#waiting.shift()) executeFenced(each);
  }

  #checkOpen(): void {
    if (this.#closing) throw isClosed();
  }

  #countInside(): number {
    let inside = this.#unplaced.length;
    for (const thread of this.#roster.threads) inside += thread.load;
    return inside;
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
    if (this.#closing) {
      this.#turnAway();
      return;
    }
    this.#recall();
    this.#admitAll();
    for (const thread of this.#roster.threads) thread.flush();
  }

  #admitAll(): void {
    while (this.#unplaced.length + this.#waiting.size > 0) {
      // Only what crosses can wait on a thread, and of that not what was taken back from one.
      const mayWait = this.#unplaced.length === 0 && this.#waiting.first?.crosses === true;
      const place = this.#roster.findPlace(mayWait);
      if (!place) return;
      const assignment = this.#unplaced.shift();
      if (assignment) this.#assign(assignment, place);
      else this.#admit(place);
    }
    this.#share();
  }

  /** What waits on a thread that takes long is not to wait longer than what comes now. */
  #recall(): void {
    for (const stuck of this.#roster.findStuck(performance.now())) {
      // Until something comes of it nothing more is put there.
      stuck.pace.ahead = 0;
      for (let each = stuck.takeBackFirst(); each; each = stuck.takeBackFirst()) {
        this.#unplaced.push(each);
      }
    }
  }

  #admit(place: Place): void {
    this.#admitting = place;
    const action = this.#waiting.shift();
    if (action) executeFenced(action);
    this.#admitting = undefined;
  }

  #assign(assignment: Assignment, place: Place = NEW): void {
    assignment.placeOn(() => {
      const thread = place === NEW ? this.#make(this) : place;
      this.#roster.threads.add(thread);
      return thread;
    });
  }

  /** @throws what Node says to impossible options */
  #make(keeper: Keeper): Thread {
    this.#checkOpen();
    return new Thread(this.#settings, keeper, this.#toLine);
  }

  /** Nothing waits: whoever has nothing to do takes over what waits on the others ahead of time. */
  #share(): void {
    for (let share = this.#roster.findShare(); share; share = this.#roster.findShare()) {
      if (!this.#takeOver(share.idle, share.late)) return;
    }
  }

  #takeOver(idle: Place, late: readonly Thread[]): boolean {
    for (const each of late) {
      const taken = each.takeBackFirst();
      if (taken) this.#assign(taken, idle);
      if (taken) return true;
    }
    return false;
  }
}

const isClosed = () =>
  new RunnerStateError('stopped', 'the threads have been closed: make another ThreadScheduler');
