import { type Observable, type SchedulerLike, type Unsubscribable, asyncScheduler } from 'rxjs';
import { RunnerStateError } from '../errors.js';
import type { StopReason } from '../report.js';
import { type Narrated, Narrator } from '../lifecycle/narrator.js';
import type { Threads } from '../flavours/threads.js';
import { log } from '../log.js';
import { Alarm } from '../schedulers/alarm.js';
import { asap } from '../schedulers/asap-scheduler.js';
import { isOverdue } from '../show.js';
import type { AdoptOptions, ExecuteOptions, AnyPayload, SuperviseOptions } from '../task/shapes.js';
import { Books } from './books.js';
import { EventStream } from './event-stream.js';
import { type Registered, Registry } from './registry.js';
import type { TaskInfo } from './task-info.js';

export type RunnerState = 'idle' | 'running' | 'stopping' | 'stopped';

/** A life, as its runner and its parent see it. */
export interface Living extends Narrated, Registered {
  readonly state: 'waiting' | 'running' | 'backoff' | 'stopping' | 'over';
  /** Whether it belongs to an attempt, which stops it. */
  readonly isChild: boolean;
  /** Hands the next attempt to its flavour. */
  begin(): void;
  stop(reason: StopReason): void;
  /** By hand: in backoff at once, else when the current attempt is over. */
  restart(): void;
  /** Gives up waiting for it to end by itself. */
  force(reason: StopReason): void;
  whenOver(work: () => void): void;
  info(): TaskInfo;
}

/** How lives are brought about. A parent is the attempt that does it: the core needn't know it. */
export interface Births {
  adopt(
    core: Core,
    payload: AnyPayload,
    options?: AdoptOptions<readonly unknown[]>,
    parent?: object,
  ): Observable<unknown>;
  execute(
    core: Core,
    payload: AnyPayload,
    options?: ExecuteOptions<readonly unknown[]>,
    parent?: object,
  ): Observable<unknown>;
  supervise<T>(parent: object, source$: Observable<T>, options: SuperviseOptions): Observable<T>;
}

const debug = log('runner');

/** What all lives of one runner share: its clock, its voice, its books, and who is alive. */
export class Core {
  readonly scheduler: SchedulerLike;
  readonly grace: number;
  /** The clock when the runner was made. */
  readonly epoch: number;
  readonly births: Births;
  readonly threads: Threads;
  readonly alarm: Alarm;
  readonly events: EventStream;
  readonly narrate: Narrator;
  readonly lives: Registry<Living> = new Registry<Living>();
  readonly books: Books = new Books();
  state: RunnerState = 'idle';
  /** Why the runner stops: from then on nothing starts any more. */
  stopReason: StopReason | undefined;
  /** How many are to be adopted in a moment: until then it isn't idle. */
  expected = 0;
  /** Whether the runner has given up waiting: nobody is asked to stop any more. */
  forced = false;
  /** What the runner does when something fatal has been told, and when a life is over. */
  onFatal: (error: unknown) => void = () => undefined;
  onExit: () => void = () => undefined;
  #lastId = 0;

  constructor(scheduler: SchedulerLike, grace: number, births: Births, threads: Threads) {
    this.scheduler = scheduler;
    this.grace = grace;
    this.epoch = scheduler.now();
    this.births = births;
    this.threads = threads;
    this.alarm = new Alarm(scheduler);
    this.events = new EventStream(() => scheduler.now());
    this.narrate = new Narrator(this.events);
  }

  now(): number {
    return this.scheduler.now();
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** What to throw, or to notify, when something is asked of a runner that is stopping or has stopped. */
  refusal(what: string): RunnerStateError | undefined {
    if (this.state !== 'stopping' && this.state !== 'stopped') return undefined;
    return new RunnerStateError(
      this.state,
      `the runner is ${this.state} and can't ${what}: a runner that has stopped stays stopped, make another one`,
    );
  }

  /**
   * Calls back on the runner's alarm, or on another scheduler that a task prefers. Never synchronous;
   * without a delay it needs no timer, the fair queue will do.
   */
  wake(delay: number, scheduler: SchedulerLike | undefined, work: () => void): Unsubscribable {
    if (delay === 0 && (scheduler ?? this.scheduler) === asyncScheduler) return asap.schedule(work);
    const own = scheduler === undefined || scheduler === this.scheduler;
    return (own ? this.alarm : new Alarm(scheduler)).in(delay, work);
  }

  /** Something is to be adopted in a moment. Returns what says that it has been. */
  expect(): () => void {
    this.expected++;
    return () => {
      this.expected--;
      this.onExit();
    };
  }

  /** Notes what makes `run()` reject. */
  fail({ name }: Narrated, error: unknown, order?: number): void {
    // An attempt that was given up may be what its group, or the pipe around it, fails with.
    if (isOverdue(error) && this.books.hasFailure(error)) return;
    if (!this.#isTooLate(name, error)) this.books.fail({ task: name, error }, order);
  }

  /** Notes what harms nobody. */
  tolerate({ name }: Narrated, error: unknown, order?: number): void {
    if (!this.#isTooLate(name, error)) this.books.tolerate({ task: name, error }, order);
  }

  /** Of an execution nobody is left to be told; any other failure of a stop makes `run()` reject. */
  failedWhileStopping(life: Narrated, error: unknown): void {
    if (life.origin === 'execute') this.tolerate(life, error);
    else this.fail(life, error);
  }

  #isTooLate(name: string, error: unknown): boolean {
    const late = this.state === 'stopped';
    if (late) debug('"%s" failed after its runner had stopped: %O', name, error);
    return late;
  }
}
