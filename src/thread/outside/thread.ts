import { surface } from '../../schedulers/surface.js';
import type { ThreadSettings } from '../options.js';
import { type Said, isBatch } from '../outbox.js';
import type { FromThread } from '../protocol.js';
import { SEATS, Seats } from '../seats.js';
import type { Assignment, Workplace } from './assignment.js';
import { type Heard, hear } from './hear.js';
import { type Connect, type Listener, type Wire, connect } from './line.js';
import { Obituary } from './obituary.js';
import { Pace } from './pace.js';
import { Requests } from './requests.js';
import { warnOf } from './warn-of.js';
import { StartWatch } from './start-watch.js';

/** Who keeps a thread, and is told what becomes of it. */
export interface Keeper {
  /** Something that was on it is over. */
  released(thread: Thread): void;
  /** It's dead. What it had not taken up may run elsewhere. */
  died(thread: Thread, untouched: readonly Assignment[]): void;
}

/**
 * A thread and what is on it: what it runs, and what waits there ahead of time. It can be given
 * something from the moment that it's made.
 */
export class Thread implements Workplace, Listener, Heard {
  readonly obituary: Obituary = new Obituary();
  readonly watch: StartWatch;
  /** How many payloads have been put on it so far. */
  runs = 0;
  readonly pace: Pace = new Pace();
  /** Whether it has failed to load a module: Node remembers that, and would fail with it again. */
  isTainted = false;
  readonly #keeper: Keeper;
  readonly #maxRuns: number;
  readonly #seats = new Seats();
  readonly #free: number[] = Array.from({ length: SEATS }, (_, seat) => SEATS - 1 - seat);
  readonly #assignments = new Map<number, Assignment>();
  readonly #requests: Requests;
  readonly #line: Wire;
  #gone: Promise<void> | undefined;

  /** @throws what Node says to impossible options */
  constructor(settings: ThreadSettings, keeper: Keeper, toLine: Connect = connect) {
    this.#keeper = keeper;
    this.#maxRuns = settings.maxRuns;
    this.#line = toLine(settings, this.#seats.shared, this);
    this.#requests = new Requests(
      (said, transferList) => {
        this.#line.post(said, transferList);
        this.#seats.ring();
      },
      (id, what, ...why) => {
        this.release(id)?.refused(what, ...why);
      },
    );
    this.watch = new StartWatch(settings.startTimeout, () => {
      this.obituary.timedOut = true;
      void this.terminate();
    });
    this.watch.begin();
  }

  /** How many payloads are on it. */
  get load(): number {
    return this.#assignments.size;
  }

  /** Whether it's to run nothing more: enough has run on it, or it remembers a module that failed to load. */
  get isSpent(): boolean {
    return this.isTainted || this.runs >= this.#maxRuns;
  }

  /** Whether it has not answered yet. */
  get isStarting(): boolean {
    return !this.obituary.wasUp;
  }

  /** Whether it has been ended, or is about to be. */
  get isLeaving(): boolean {
    return this.#gone !== undefined;
  }

  assign(assignment: Assignment): void {
    const id = ++this.runs;
    const seat = this.#free.pop();
    if (seat === undefined) throw new RangeError(`a thread has no more than ${SEATS} seats`);
    assignment.placed(this, id, seat);
    this.#assignments.set(id, assignment);
    this.#seats.offer(seat, id);
    this.#requests.enter(assignment);
    if (this.load === 1) this.pace.begin();
  }

  /** Asks what it has been given to run, and what else it's to be asked in this tick. */
  flush(): void {
    this.#requests.flush();
  }

  credit(assignment: Assignment, values: number): void {
    this.#requests.credit(assignment, values);
  }

  cancel(assignment: Assignment, reason: unknown): void {
    this.#requests.cancel(assignment, reason);
  }

  takeBack({ id, seat }: Assignment): boolean {
    if (!this.#seats.take(seat, id)) return false;
    this.release(id);
    return true;
  }

  /** What it has not taken up yet, so that it can run elsewhere: the one that has waited longest. */
  takeBackFirst(): Assignment | undefined {
    for (const assignment of this.#assignments.values()) {
      if (!assignment.isMoved && this.takeBack(assignment)) return assignment;
    }
    return undefined;
  }

  readonly find = (id: number): Assignment | undefined => this.#assignments.get(id);

  readonly release = (id: number): Assignment | undefined => {
    const assignment = this.#assignments.get(id);
    if (!assignment) return undefined;
    this.#assignments.delete(id);
    this.#free.push(assignment.seat);
    this.pace.released();
    assignment.displaced();
    this.#keeper.released(this);
    return assignment;
  };

  get expectsMore(): boolean {
    return this.#assignments.size > 0;
  }

  receive(said: Said<FromThread>): void {
    if (isBatch(said)) for (const message of said) this.#hear(message);
    else this.#hear(said);
  }

  failed(error: unknown): void {
    this.obituary.error ??= { error };
  }

  drained(): void {
    this.pace.drained();
  }

  gone(exitCode: number, threadId: number, stderr: string): void {
    const crashOf = this.obituary.toCrash({ threadId, exitCode, stderr });
    const all = [...this.#assignments.values()];
    if (all.length === 0 && !this.#gone) warnOf(crashOf('none'));
    this.#gone ??= Promise.resolve();
    // One that has never answered could not run anything: to try again elsewhere would never end.
    const untouched = all.filter(
      (each) => this.obituary.wasUp && !each.isMoved && this.takeBack(each),
    );
    const touched = [...this.#assignments.values()];
    this.watch.stop();
    this.#assignments.clear();
    this.#keeper.died(this, untouched);
    for (const assignment of touched) assignment.died(crashOf);
  }

  #hear(message: FromThread): void {
    try {
      hear(message, this);
    } catch (error) {
      // A consumer that throws harms nobody else.
      surface(error);
    }
  }

  /** Lets it end by itself, for nothing is on it. Resolves when it's gone. */
  close(): Promise<void> {
    this.obituary.asked = true;
    if (!this.#gone) this.#requests.close();
    return (this.#gone ??= this.#line.exited());
  }

  terminate(): Promise<void> {
    return (this.#gone ??= this.#line.terminate());
  }
}
