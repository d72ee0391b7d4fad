import { Observable, type Subscriber, type Subscription } from 'rxjs';
import type { StopReason, TaskContext } from '../../src/index.js';
import type { Actor, Listener } from './actor.js';
import { toError, toValue } from './faults.js';
import type { Act, Emission, Fault, Script, Teardown } from './program.js';
import type { Standing } from './trace.js';
import type { World } from './world.js';

/** Where a turn's notifications go. */
interface Sink {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
  readonly closed: boolean;
}

/** One attempt, as its payload lives it: it does what its script says, and what it is told to, and notes it. */
export class Turn {
  readonly actor: Actor;
  readonly attempt: number;
  readonly script: Script;
  source: 'none' | 'open' | 'ended' | 'left' = 'none';
  /** Ended by its own doing, before anybody asked. */
  endedItself = false;
  crashed = false;
  /** Told to be overdue. */
  abandoned = false;
  signal: AbortSignal | undefined;
  teardowns = 0;
  readonly #world: World;
  #context: TaskContext | undefined;
  #sink: Sink | undefined;
  #led: Subscription | undefined;

  constructor(world: World, actor: Actor, attempt: number) {
    this.#world = world;
    this.actor = actor;
    this.attempt = attempt;
    const { scripts } = actor.task;
    this.script = scripts[Math.min(attempt, scripts.length) - 1]!;
  }

  /** As a function: what the context is for comes first, then it throws, or returns its source. */
  call(context: TaskContext): unknown {
    const { shape } = this.actor.task;
    this.#context = context;
    this.#begin();
    if (shape.endsWith('reads its signal')) this.#listen(context.signal);
    for (const act of this.script.enters) if (!isOfSource(act)) this.perform(act);
    if (this.script.throws) {
      const error = this.#toError(this.script.throws);
      this.#noteEnd('error', { error });
      throw error;
    }
    if (shape === 'a group') return this.#lead(this.#world.casting.toGroup(this)(context));
    if (shape === 'a supervised pipe') return this.#lead(this.#world.casting.toPipe(this));
    if (!shape.startsWith('a promise'))
      return new Observable((subscriber) => this.subscribe(subscriber));
    return { then: this.#then };
  }

  /** As an Observable. */
  subscribe(subscriber: Subscriber<unknown>): () => void {
    const { actor } = this;
    if (!this.#context) this.#begin();
    this.#sink = subscriber;
    this.source = 'open';
    actor.open++;
    actor.mostOpen = Math.max(actor.mostOpen, actor.open);
    for (const act of this.script.enters) if (isOfSource(act)) this.perform(act);
    return () => {
      this.#finalize();
    };
  }

  perform(act: Act): void {
    // A group does what its members make of it.
    if (this.actor.task.members && isOfSource(act)) return;
    if (act.act === 'emit') this.#emit(act.value);
    else if (act.act === 'fail') this.#fail(act.fault);
    else if (act.act === 'complete') this.#complete();
    else if (act.act === 'ready') this.#ready();
    else if (act.act === 'teardown') this.#addTeardown(act.teardown);
    else if (act.act === 'ask') this.#world.ask(act.ask, this.actor);
    else if (act.act === 'drop') this.#drop();
    else if (this.#context) this.#world.casting.bear(act, this, this.#context);
  }

  /** Whatever still goes on, and would for ever. */
  release(): void {
    if (this.source === 'open' && !this.actor.task.members) this.#complete();
  }

  standing(): Standing {
    const { actor, attempt, abandoned, crashed, endedItself } = this;
    const info = this.#world.infoOf(actor.id);
    const living =
      !abandoned &&
      info?.attempt === attempt &&
      (info.state === 'running' || info.state === 'stopping');
    const open = this.source === 'open' && this.#sink?.closed !== true;
    const asked = living && info.state === 'stopping' && !crashed && !endedItself;
    return { open, living, asked, crashed, down: this.#world.runner.state === 'stopped' };
  }

  /** What is led by others: a group by its members, a supervised pipe by its source. */
  #lead(led$: Observable<unknown>): Observable<unknown> {
    return new Observable((subscriber) => {
      const leave = this.subscribe(subscriber);
      this.#led = led$.subscribe({
        next: (value) => {
          this.#pass(value);
        },
        error: (error: unknown) => {
          this.#noteEnd('error', { error });
          subscriber.error(error);
        },
        complete: () => {
          this.#noteEnd('complete', undefined);
          subscriber.complete();
        },
      });
      this.#world.casting.recruitAll();
      return () => {
        this.#led?.unsubscribe();
        leave();
      };
    });
  }

  #drop(): void {
    const { actors } = this.#world;
    const source = actors.find(({ parent, inside }) => parent === this && inside === 'pipe');
    if (source && this.#world.infoOf(source.id)) this.#world.noteAsked('unsubscribe', source);
    this.#led?.unsubscribe();
  }

  #begin(): void {
    this.#world.note({ fact: 'entered', turn: this });
    for (const { after, act } of this.script.later) {
      this.#world.clock.after(after, () => {
        this.perform(act);
      });
    }
  }

  #listen(signal: AbortSignal): void {
    this.signal = signal;
    const obey = () => {
      const { stops } = this.script;
      this.#world.note({ fact: 'aborted', turn: this, reason: signal.reason as StopReason });
      if (stops?.after === 'at once') this.perform(stops.act);
      else if (stops) {
        this.#world.clock.after(stops.after, () => {
          this.perform(stops.act);
        });
      }
    };
    signal.addEventListener('abort', obey);
    if (signal.aborted) obey();
  }

  /** A promise of the test's own: settled without a microtask, in virtual time. */
  readonly #then = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
    this.#sink = {
      next: resolve,
      error: reject,
      complete: () => {
        resolve(undefined);
      },
      closed: false,
    };
    this.source = 'open';
    for (const act of this.script.enters) if (isOfSource(act)) this.perform(act);
  };

  #emit(emission: Emission): void {
    if (!this.#sink) return;
    if (this.#isPromise && this.source !== 'open') return;
    this.#pass(toValue(emission));
  }

  #pass(value: unknown): void {
    const standing = this.standing();
    const { open, living, asked, crashed } = standing;
    const audience = [...this.actor.listeners];
    const heard = open && living && !crashed && value !== undefined;
    const orphaned = heard && audience.length === 0 && isOrphaning(this.actor);
    if (orphaned && !asked) this.crashed = true;
    const takers: Listener[] = [];
    this.#world.note({ fact: 'emitted', turn: this, value, audience, takers, ...standing });
    if (this.#isPromise)
      this.#noteEnd('complete', undefined, { ...standing, crashed: this.crashed });
    this.#world.delivering(takers, () => this.#sink?.next(value));
  }

  #fail(fault: Fault): void {
    if (!this.#sink || (this.source !== 'open' && this.#isPromise)) return;
    const error = this.#toError(fault);
    this.#noteEnd('error', { error });
    this.#sink.error(error);
  }

  #complete(): void {
    if (!this.#sink || (this.source !== 'open' && this.#isPromise)) return;
    this.#noteEnd('complete', undefined);
    this.#sink.complete();
  }

  get #isPromise(): boolean {
    return this.actor.task.shape.startsWith('a promise');
  }

  #noteEnd(
    how: 'complete' | 'error',
    failure: { error: unknown } | undefined,
    at = this.standing(),
  ): void {
    // A function that throws has no source yet, and never will.
    const open = at.open || this.source === 'none';
    if (open && at.living && !at.asked && !at.crashed) {
      this.endedItself = true;
      this.crashed = how === 'error';
    }
    if (this.source === 'open' || this.source === 'none') this.source = 'ended';
    this.#world.note({ fact: 'ended', turn: this, how, failure, ...at, open });
  }

  #finalize(): void {
    const { script, actor } = this;
    const standing = this.standing();
    if (this.source === 'open') this.source = 'left';
    actor.open--;
    this.#noteTornDown('finalized', 0, script.finalizer, standing);
  }

  #noteTornDown(
    fact: 'finalized' | 'teardown over',
    which: number,
    fault: Fault | undefined,
    standing = this.standing(),
  ): { error: unknown } | undefined {
    const failure = fault && { error: this.#toError(fault) };
    this.#world.note({ fact, turn: this, which, failure, ...standing });
    if (failure && standing.living && this.endedItself) this.crashed = true;
    if (failure && fact === 'finalized') throw failure.error;
    return failure;
  }

  #ready(): void {
    if (!this.#context) return;
    this.#world.note({ fact: 'readied', turn: this, ...this.standing() });
    this.#context.ready();
  }

  #addTeardown({ after, fault, asks }: Teardown): void {
    const which = this.teardowns;
    if (!this.#context) return;
    this.teardowns++;
    this.#world.note({ fact: 'teardown added', turn: this, which });
    this.#context.onTeardown(() => {
      this.#world.note({ fact: 'teardown began', turn: this, which });
      if (asks) this.#world.ask(asks, this.actor);
      if (after === 'at once') {
        const failure = this.#noteTornDown('teardown over', which, fault);
        if (failure) throw failure.error;
        return undefined;
      }
      return { then: this.#tearDownLater(after, which, fault) };
    });
  }

  #tearDownLater(after: number, which: number, fault: Fault | undefined) {
    return (resolve: () => void, reject: (error: unknown) => void): void => {
      this.#world.wait(after, () => {
        const failure = this.#noteTornDown('teardown over', which, fault);
        if (failure) reject(failure.error);
        else resolve();
      });
    };
  }

  #toError(fault: Fault): unknown {
    return toError(fault, this.signal?.reason);
  }
}

/** Whether there is anybody to take its values but those who are subscribed to the task. */
export const isOrphaning = ({ origin, inside }: Actor): boolean =>
  origin === 'adopt' && inside !== 'pipe';

const isOfSource = ({ act }: Act) => act === 'emit' || act === 'fail' || act === 'complete';
