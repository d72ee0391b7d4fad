import type { Observable } from 'rxjs';
import {
  type LifecycleEvent,
  type OverdueEvent,
  type Report,
  Runner,
  type TaskInfo,
} from '../../src/index.js';
import type { Actor, Listener } from './actor.js';
import { Casting } from './casting.js';
import { Clock } from './clock.js';
import { startCounting } from './faults.js';
import { leave, listen } from './listening.js';
import { misuse } from './misuse.js';
import type { Ask, Command, Meddler, Program } from './program.js';
import type { Asked, Fact, Happening } from './trace.js';

/** What became of a promise. */
export interface Promised {
  readonly of: string;
  state: 'pending' | 'resolved' | 'rejected';
  outcome: unknown;
}

/** What is checked between two commands. */
export type StepCheck = (world: World) => readonly string[];

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** Who else observes the events, and when the log begins to be written, if at all. */
export type Attend = (events$: Observable<LifecycleEvent>, record: () => void) => void;

const attendAlone: Attend = (_events$, record) => {
  record();
};

/** A real runner, in virtual time, with everything around it under the program's control. */
export class World {
  readonly clock: Clock = new Clock();
  readonly runner: Runner;
  readonly casting: Casting;
  readonly actors: Actor[] = [];
  readonly trace: Happening[] = [];
  readonly log: LifecycleEvent[] = [];
  readonly promises: Promised[] = [];
  /** Everybody who has ever subscribed to a task, and to which. */
  readonly listeners: Map<Listener, Actor> = new Map<Listener, Actor>();
  /** What the observers that came later have seen, and how much had been delivered when they came. */
  readonly observers: {
    readonly from: number;
    readonly seen: LifecycleEvent[];
    completed: boolean;
  }[] = [];
  completed = false;
  /** Timers, virtual and real, that the runner had in the tick after it was down. */
  heldWhenDown: number | undefined;
  /** What a call threw that must not throw, or the runner into the clock. */
  readonly escaped: unknown[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Who got the value that is being emitted. */
  takers: Listener[] = [];
  readonly #timersBefore = timers();
  #asks = 0;
  #recording = false;

  constructor({ grace, shutdownTimeout, meddlers }: Program, attend: Attend = attendAlone) {
    startCounting();
    this.runner = new Runner({ grace, shutdownTimeout, scheduler: this.clock });
    this.casting = new Casting(this);
    attend(this.runner.events$, () => {
      this.#record();
    });
    for (const meddler of meddlers) this.#meddle(meddler);
    if (this.recording) this.#observe();
  }

  get recording(): boolean {
    return this.#recording;
  }

  #record(): void {
    this.#recording = true;
    this.runner.events$.subscribe({
      next: (event) => {
        this.log.push(event);
        if ('task' in event) this.casting.recruit(event.id, event.task);
        this.note({ fact: 'told', event });
        if (event.type === 'overdue') this.#abandon(event);
      },
      complete: () => (this.completed = true),
    });
  }

  note(fact: Fact): void {
    this.trace.push({ ...fact, at: this.clock.now(), nth: this.trace.length });
  }

  infoOf(id: number): TaskInfo | undefined {
    return this.runner.tasks().find((task) => task.id === id);
  }

  /** What is called here must not throw. */
  fenced(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.escaped.push(error);
    }
  }

  execute(command: Command): void {
    this.fenced(() => {
      if (command.do === 'advance') this.clock.advance(command.by);
      else if (command.do === 'run') this.#run();
      else if (command.do === 'adopt') this.casting.adopt(command.task, command.watched);
      else if (command.do === 'execute') this.casting.execute(command.task);
      else if (command.do === 'shutdown') this.ask('shutdown', undefined);
      else if (command.do === 'observe') this.#observe();
      else this.#address(command);
    });
    if (this.runner.state === 'stopped')
      this.heldWhenDown ??= this.clock.foreign + timers() - this.#timersBefore;
  }

  /** Something that is asked of a task, or of the runner; also from within. */
  ask(what: Ask, actor: Actor | undefined, by: 'task' | 'name' = 'name'): void {
    const { runner } = this;
    const message = `${what} #${++this.#asks}`;
    if (what === 'shutdown') {
      this.noteAsked(what, undefined, message);
      this.#promise(message, runner.shutdown(message));
    } else if (what === 'stop' && by === 'task' && actor?.values$?.stop) {
      this.noteAsked(what, actor, message);
      this.#promise(message, actor.values$.stop(message));
    } else if (actor && this.infoOf(actor.id)) {
      this.noteAsked(what, actor, message);
      if (what === 'restart') runner.restart(actor.name);
      else this.#promise(message, runner.stop(actor.name, message));
    }
  }

  noteAsked(what: Asked['what'], actor: Actor | undefined, message?: string): void {
    const before = new Map(this.runner.tasks().map((task) => [task.id, task]));
    this.note({ fact: 'asked', what, actor, before, message });
  }

  /** Calls back in virtual time; with Infinity, not before all the rest is over. */
  wait(after: number, work: () => void): void {
    if (after === Infinity) this.#waiting.push(work);
    else this.clock.after(after, work);
  }

  /** Lets everything end that would wait for ever. */
  release(): void {
    for (const work of this.#waiting.splice(0)) work();
    for (const { turns } of this.actors) for (const turn of turns) turn.release();
  }

  delivering(takers: Listener[], work: () => void): void {
    const outer = this.takers;
    this.takers = takers;
    work();
    this.takers = outer;
  }

  get report(): Report | undefined {
    const last = this.log.at(-1);
    return last?.type === 'down' ? last.report : undefined;
  }

  #run(): void {
    this.noteAsked('run', undefined);
    this.#promise('run', this.runner.run());
  }

  #address(command: Extract<Command, { nth: number }>): void {
    if (command.do === 'misuse') {
      misuse(this, command);
      return;
    }
    const actor = this.actors[command.nth % Math.max(1, this.actors.length)];
    if (!actor) return;
    if (command.do === 'subscribe') this.#subscribe(actor);
    else if (command.do === 'unsubscribe') leave(this, actor);
    else if (command.do === 'act') actor.turns.at(-1)?.perform(command.act);
    else if (command.do === 'stop') this.ask('stop', actor, command.by);
    else this.ask('restart', actor);
  }

  /** Another subscription to an execution would be another execution; to a member there is none. */
  #subscribe(actor: Actor): void {
    if (actor.values$ && actor.origin === 'adopt') listen(this, actor);
  }

  #observe(): void {
    const observer = { from: this.log.length, seen: [] as LifecycleEvent[], completed: false };
    this.observers.push(observer);
    this.runner.events$.subscribe({
      next: (event) => observer.seen.push(event),
      complete: () => (observer.completed = true),
    });
  }

  #abandon({ id, attempt }: OverdueEvent): void {
    const actor = this.actors.find((each) => each.id === id);
    const turn = actor?.turns.find((each) => each.attempt === attempt);
    if (turn) turn.abandoned = true;
  }

  #meddle({ sees, then }: Meddler): void {
    let done = false;
    this.runner.events$.subscribe(({ type }) => {
      if (done || type !== sees) return;
      done = true;
      this.execute(then);
    });
  }

  #promise(of: string, promise: Promise<unknown>): void {
    const promised: Promised = { of, state: 'pending', outcome: undefined };
    this.promises.push(promised);
    promise.then(
      (outcome) => {
        promised.state = 'resolved';
        promised.outcome = outcome;
      },
      (error: unknown) => {
        promised.state = 'rejected';
        promised.outcome = error;
      },
    );
  }
}
