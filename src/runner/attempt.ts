import { type Observable, Subscriber } from 'rxjs';
import { OrphanedValueError, RunnerStateError } from '../errors.js';
import { type StopReason, fixed } from '../report.js';
import { asap } from '../schedulers/asap-scheduler.js';
import { surface } from '../schedulers/surface.js';
import type { Entry, Leave, AnyPayload, SuperviseOptions, TaskContext } from '../task/shapes.js';
import { enterPayload } from '../task/enter-payload.js';
import { type InCharge, takeCharge } from '../task/in-charge.js';
import { Context } from './context.js';
import { Ending } from './ending.js';
import { Held } from './held.js';
import type { Owner, Parent } from './owner.js';

/**
 * One subscription of a task's payload, from `start` until it's over.
 *
 *   new ── enter ──> entering ──> open ── complete, error, orphan, stop ──> ending ──> over
 *
 * It *is* the subscriber that the payload's notifications go to, and what it holds besides is made
 * when first asked for: an idle task is three small objects, and a short one costs no operator chain,
 * no AbortController and no closure. The memory and the speed of the runner are decided here.
 */
export class Attempt extends Subscriber<unknown> implements Entry, InCharge, Parent {
  readonly life: Owner;
  leave: Leave | undefined;
  held: Held | undefined;
  ending: Ending | undefined;
  phase: 'new' | 'entering' | 'open' = 'new';
  /** Who was in charge before, while this attempt is being entered. */
  private outer: InCharge | undefined = undefined;

  constructor(life: Owner) {
    super();
    this.life = life;
  }

  get payload(): AnyPayload {
    return this.life.payload;
  }

  get args(): readonly unknown[] {
    return this.life.terms.args;
  }

  get context(): TaskContext {
    return new Context(this);
  }

  hold(): Held {
    return (this.held ??= new Held());
  }

  refusal(what: string): RunnerStateError | undefined {
    if (!this.ending) return undefined;
    return new RunnerStateError(
      this.ending.over ? 'stopped' : 'stopping',
      `task "${this.life.name}" can't ${what}: this attempt of it is ending, and a child lives no longer than its attempt`,
    );
  }

  /** Runs the payload. For as long as that takes synchronously, this attempt is in charge. */
  enter(): void {
    this.phase = 'entering';
    this.outer = takeCharge(this);
    try {
      const { enter = enterPayload } = this.life.flavour;
      enter(this);
    } catch (error) {
      // Left while it was still being subscribed, a source can fail no more; its finalizer can.
      if (this.ending && this.isStopped) this.ending.teardownFailed(error);
      else this.error(error);
    }
    takeCharge(this.outer);
    this.outer = undefined;
    this.phase = 'open';
    this.leave ??= 'unsubscribe';
    this.ending?.entered();
  }

  override next(value?: unknown): void {
    if (value === undefined || this.isStopped || this.ending?.deaf) return;
    // Whoever takes a value is outside: nobody is in charge there, or the attempt around this one.
    const self = this.phase === 'entering' ? takeCharge(this.outer) : undefined;
    const taken = this.take(value);
    if (self) takeCharge(self);
    if (!taken) this.orphan(value);
  }

  override complete(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.ending ??= new Ending(this, 'completed');
    this.ending.sourceEnded();
  }

  override error(error: unknown): void {
    if (this.isStopped) {
      this.life.core.tolerate(this.life, error);
      return;
    }
    this.isStopped = true;
    if (this.ending) this.ending.failed(error);
    else this.crash(error);
    this.ending?.sourceEnded();
  }

  /** Asks the attempt to stop, in two phases; it's over when its ending is. */
  stop(reason: StopReason): void {
    if (this.ending) return;
    this.ending = new Ending(this, 'stopped');
    this.ending.stop(reason);
  }

  /** Gives the attempt up at once, and what it has brought about. */
  force(reason: StopReason): void {
    this.ending ??= new Ending(this, 'stopped');
    this.ending.force(reason);
  }

  mayPull(resume: () => void): boolean {
    if (!asap.isSliceOver()) return this.life.mayPull(resume);
    asap.afterTurn(() => {
      if (this.mayPull(resume)) resume();
    });
    return false;
  }

  supervise<T>(source$: Observable<T>, options: SuperviseOptions): Observable<T> {
    return this.life.core.births.supervise(this, source$, options);
  }

  /** Whether somebody took a value. RxJS doesn't fence a subscriber of somebody's own making. */
  private take(value: unknown): boolean {
    try {
      return this.life.take(value);
    } catch (error) {
      surface(error);
      return true;
    }
  }

  private crash(error: unknown): Ending {
    this.ending = new Ending(this, 'crashed');
    this.ending.crash(error);
    return this.ending;
  }

  private orphan(value: unknown): void {
    const error = new OrphanedValueError(this.life.name, value);
    if (this.ending) this.ending.failed(error);
    else this.crash(error).abort(fixed({ type: 'failure', cause: error }));
  }
}
