import { Observable, type Subscription } from 'rxjs';
import {
  type AdoptOptions,
  type ExecuteOptions,
  type Flavour,
  type LifecycleEvent,
  type OverdueEvent,
  type Payload,
  type Report,
  Runner,
  type TaskContext,
  type TaskInfo,
  defineFlavour,
} from '../../src/index.js';
import { Actor, type Listener } from './actor.js';
import { toBackoff } from './backoffs.js';
import { Clock } from './clock.js';
import { startCounting } from './faults.js';
import { misuse } from './misuse.js';
import type { Act, Ask, Command, Meddler, Program, Task, Terms } from './program.js';
import type { Fact, Happening } from './trace.js';
import { Turn } from './turn.js';

/** How many tasks there may ever be in one program. */
const CROWD = 10;

/** Who a task is adopted by: a runner, or the context of an attempt. */
interface Host {
  adopt(payload: Payload, options: AdoptOptions): Observable<unknown>;
  execute(payload: Payload, options: ExecuteOptions): Observable<unknown>;
}

/** What became of a promise. */
export interface Promised {
  readonly of: string;
  state: 'pending' | 'resolved' | 'rejected';
  outcome: unknown;
}

/** What is checked between two commands. */
export type StepCheck = (world: World) => readonly string[];

/** A real runner, in virtual time, with everything around it under the program's control. */
export class World {
  readonly clock: Clock = new Clock();
  readonly runner: Runner;
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
  /** Timers that the runner had in the tick after it was down. */
  heldWhenDown: number | undefined;
  /** What a call threw that must not throw, or the runner into the clock. */
  readonly escaped: unknown[] = [];
  readonly #flavour: Flavour;
  readonly #waiting: (() => void)[] = [];
  #takers: Listener[] = [];
  #asks = 0;

  constructor({ grace, shutdownTimeout, meddlers }: Program) {
    startCounting();
    this.runner = new Runner({ grace, shutdownTimeout, scheduler: this.clock });
    this.#flavour = defineFlavour('virtual', this.clock);
    this.runner.events$.subscribe({
      next: (event) => {
        this.log.push(event);
        this.note({ fact: 'told', event });
        if (event.type === 'overdue') this.#abandon(event);
      },
      complete: () => (this.completed = true),
    });
    for (const meddler of meddlers) this.#meddle(meddler);
    this.#observe();
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
      else if (command.do === 'adopt') this.#adopt(command.task, command.watched);
      else if (command.do === 'execute') this.#execute(command.task);
      else if (command.do === 'shutdown') this.ask('shutdown', undefined);
      else if (command.do === 'observe') this.#observe();
      else this.#address(command);
    });
    if (this.runner.state === 'stopped') this.heldWhenDown ??= this.clock.foreign;
  }

  /** Something that is asked of a task, or of the runner; also from within. */
  ask(what: Ask, actor: Actor | undefined, by: 'task' | 'name' = 'name'): void {
    const { runner } = this;
    const before = new Map(runner.tasks().map((task) => [task.id, task]));
    const message = `${what} #${++this.#asks}`;
    if (what === 'shutdown') {
      this.note({ fact: 'asked', what, actor: undefined, before, message });
      this.#promise(message, runner.shutdown(message));
    } else if (what === 'stop' && by === 'task' && actor?.values$?.stop) {
      this.note({ fact: 'asked', what, actor, before, message });
      this.#promise(message, actor.values$.stop(message));
    } else if (actor && before.has(actor.id)) {
      this.note({ fact: 'asked', what, actor, before, message });
      if (what === 'restart') runner.restart(actor.name);
      else this.#promise(message, runner.stop(actor.name, message));
    }
  }

  /** A child of an attempt. */
  bear(act: Act & { readonly task: Task }, parent: Turn, context: TaskContext): void {
    if (this.actors.length >= CROWD) return;
    try {
      if (act.act === 'adopt') this.#adopt(act.task, act.watched, parent, context);
      else this.#execute(act.task, parent, context);
    } catch (error) {
      const { code } = error as { code?: unknown };
      this.note({ fact: 'refused', call: act.act, code, wanted: 'ERR_RXVISOR_RUNNER_STATE' });
    }
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
    const outer = this.#takers;
    this.#takers = takers;
    work();
    this.#takers = outer;
  }

  get report(): Report | undefined {
    const last = this.log.at(-1);
    return last?.type === 'down' ? last.report : undefined;
  }

  #run(): void {
    this.note({
      fact: 'asked',
      what: 'run',
      actor: undefined,
      before: new Map(),
      message: undefined,
    });
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
    else if (command.do === 'unsubscribe') this.#leave(actor);
    else if (command.do === 'act') actor.turns.at(-1)?.perform(command.act);
    else if (command.do === 'stop') this.ask('stop', actor, command.by);
    else this.ask('restart', actor);
  }

  #adopt(task: Task, watched: boolean, parent?: Turn, context?: TaskContext): void {
    if (this.actors.length >= CROWD) return;
    const actor = new Actor(task, 'adopt', parent);
    const { terms } = task;
    const options = { ...this.#optionsOf(terms), ...this.#policyOf(terms, actor) } as AdoptOptions;
    const payload = this.#payloadOf(actor);
    const name = `t${this.actors.length + 1}`;
    const wasStopping = this.runner.state === 'stopping' || this.runner.state === 'stopped';
    try {
      const host: Host = context ?? this.runner;
      actor.values$ = host.adopt(payload, { ...options, name });
    } catch (error) {
      if (!wasStopping) throw error;
      const { code } = error as { code?: unknown };
      this.note({ fact: 'refused', call: 'adopt', code, wanted: 'ERR_RXVISOR_RUNNER_STATE' });
      return;
    }
    this.#register(actor);
    if (watched) this.#listen(actor);
  }

  #execute(task: Task, parent?: Turn, context?: TaskContext): void {
    if (this.actors.length >= CROWD) return;
    const actor = new Actor(task, 'execute', parent);
    const options = { ...this.#optionsOf(task.terms), name: `t${this.actors.length + 1}` };
    const host: Host = context ?? this.runner;
    actor.values$ = host.execute(this.#payloadOf(actor), options);
    const lives = this.runner.tasks().length;
    const listener = this.#listen(actor);
    if (this.runner.tasks().length > lives) this.#register(actor);
    else {
      const { code } = (listener.end as { error?: { code?: unknown } }).error ?? {};
      this.note({ fact: 'refused', call: 'execute', code, wanted: 'ERR_RXVISOR_RUNNER_STATE' });
    }
  }

  #register(actor: Actor): void {
    const { id, name } = this.runner.tasks().at(-1)!;
    actor.id = id;
    actor.name = name;
    this.actors.push(actor);
    this.note({ fact: 'born', actor });
  }

  #payloadOf(actor: Actor): Payload {
    const begin = () => {
      const attempt = this.infoOf(actor.id)?.attempt ?? 0;
      const turn = new Turn(this, actor, attempt);
      actor.turns.push(turn);
      return turn;
    };
    if (actor.task.shape !== 'an Observable')
      return (context: TaskContext) => begin().call(context);
    return new Observable((subscriber) => begin().subscribe(subscriber));
  }

  #optionsOf({ grace }: Terms): AdoptOptions {
    return { flavour: this.#flavour, ...(grace !== undefined && { grace }) };
  }

  #policyOf({ grace: _, backoff, ...others }: Terms, actor: Actor): object {
    return {
      ...others,
      ...(backoff && { backoff: toBackoff(backoff, actor, this.actors.length) }),
    };
  }

  /** Another subscription to an execution would be another execution. */
  #subscribe(actor: Actor): void {
    if (actor.origin === 'adopt') this.#listen(actor);
  }

  #listen(actor: Actor): Listener {
    const late = actor.id !== 0 && !this.infoOf(actor.id);
    const listener: Listener = { values: [], late, end: 'none', leave: () => undefined };
    this.listeners.set(listener, actor);
    const done = (end: Listener['end']) => {
      actor.listeners.delete(listener);
      if (listener.end === 'none') listener.end = end;
    };
    if (!late) actor.listeners.add(listener);
    const subscription: Subscription = (actor.values$ as Observable<unknown>).subscribe({
      next: (value) => {
        listener.values.push(value);
        this.#takers.push(listener);
      },
      complete: () => {
        done('complete');
      },
      error: (error: unknown) => {
        done({ error });
      },
    });
    listener.leave = () => {
      done('unsubscribed');
      subscription.unsubscribe();
    };
    return listener;
  }

  #leave(actor: Actor): void {
    const [listener] = actor.listeners;
    if (!listener) return;
    if (actor.origin === 'execute') {
      const before = new Map(this.runner.tasks().map((task) => [task.id, task]));
      this.note({ fact: 'asked', what: 'unsubscribe', actor, before, message: undefined });
    }
    listener.leave();
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
