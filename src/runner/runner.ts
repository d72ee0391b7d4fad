import { type Observable, asyncScheduler } from 'rxjs';
import { Threads } from '../flavours/threads.js';
import { RunnerFailedError, RunnerStateError, UnknownTaskError } from '../errors.js';
import { type Report, fixed } from '../report.js';
import type { LifecycleEvent } from '../lifecycle/events.js';
import { checkOptions } from '../task/check.js';
import type {
  AdoptOptions,
  AnyFunction,
  AnyPayload,
  Arguments,
  Emitted,
  EmittedBy,
  ExecuteOptions,
  Given,
  Payload,
  PayloadFunction,
  Taking,
} from '../task/shapes.js';
import { adopt } from './adopt.js';
import type { AdoptedTask } from './adopted-task.js';
import { Core, type Living, type RunnerState } from './core.js';
import { execute } from './execute.js';
import { offerCore } from './core-of.js';
import { iterate } from './iterate.js';
import { keepAlive } from './keep-alive.js';
import { RUNNER_CHECKS, RUN_CHECKS, type RunOptions, type RunnerOptions } from './run-options.js';
import { Shutdown } from './shutdown.js';
import { stopOnAbort, stopOnSignals } from './stop-on.js';
import { type GivenReason, toStopReason } from './stop-reason.js';
import { supervised } from './supervised.js';
import type { TaskInfo } from './task-info.js';

/**
 * The runtime: adopts tasks, executes payloads, narrates what happens to them, and stops them.
 *
 *   idle ── run ──> running ── shutdown, signal, abort, fatal failure ──> stopping ──> stopped
 *
 * One that is merely constructed runs nothing and holds no timer, no listener and no handle; nor
 * does one that has stopped. It installs nothing in the process that it isn't asked to.
 */
export class Runner implements AsyncDisposable {
  /** What happens to the tasks, as one hot stream. It never errors, and completes after `down`. */
  readonly events$: Observable<LifecycleEvent>;
  readonly #core: Core;
  readonly #shutdown: Shutdown;
  #upSince: number | undefined;

  static {
    offerCore(this, (runner) => runner.#core);
  }

  /** @throws {@link InvalidOptionError} */
  constructor(options: RunnerOptions = {}) {
    checkOptions(options, RUNNER_CHECKS);
    const { grace = 5_000, shutdownTimeout = 10_000, scheduler = asyncScheduler } = options;
    const threads = new Threads(options.threads);
    this.#core = new Core(scheduler, grace, { adopt, execute, supervise: supervised }, threads);
    this.#shutdown = new Shutdown(this.#core, shutdownTimeout, () => this.#upSince);
    this.#core.onFatal = (cause) => {
      this.#shutdown.begin(fixed({ type: 'failure', cause }));
    };
    this.#core.onExit = () => {
      this.#shutdown.lifeOver();
    };
    this.events$ = this.#core.events.events$;
  }

  get state(): RunnerState {
    return this.#core.state;
  }

  /** The living, in the order of their coming. */
  tasks(): TaskInfo[] {
    return Array.from(this.#core.lives, (life) => life.info());
  }

  /**
   * Takes a payload into care, for as long as it lives. Never blocks, never runs the payload in the
   * caller's stack; before `run()` it waits, and starts in the order of adoption.
   *
   * @returns The task, hot: its values are to be taken, its errors are the runner's. See {@link AdoptedTask}.
   * @throws {@link InvalidPayloadError}, {@link InvalidOptionError}, {@link DuplicateNameError};
   *   {@link RunnerStateError} when the runner is stopping or has stopped.
   */
  adopt<R, A extends Arguments>(
    payload: PayloadFunction<R, A>,
    options: AdoptOptions<A> & Given<A>,
  ): AdoptedTask<Emitted<R>>;
  adopt<F extends AnyFunction, const A extends Arguments>(
    payload: F & Taking<F, A>,
    options: AdoptOptions<A> & Given<A>,
  ): AdoptedTask<Emitted<ReturnType<F>>>;
  adopt<P extends Payload>(payload: P, options?: AdoptOptions): AdoptedTask<EmittedBy<P>>;
  adopt(payload: AnyPayload, options?: AdoptOptions<readonly unknown[]>): AdoptedTask<unknown> {
    return adopt(this.#core, payload, options);
  }

  /**
   * Runs a payload to its end for the subscriber: values, completion and the very same error. Cold:
   * each subscription is one execution, unsubscribing cancels it. Before `run()` it waits.
   *
   * @returns An Observable that errors with {@link RunnerStateError} when the runner is stopping, and
   *   with {@link CancelledError} when it stops meanwhile.
   * @throws {@link InvalidPayloadError}, {@link InvalidOptionError}
   */
  execute<R, A extends Arguments>(
    payload: PayloadFunction<R, A>,
    options: ExecuteOptions<A> & Given<A>,
  ): Observable<Emitted<R>>;
  execute<F extends AnyFunction, const A extends Arguments>(
    payload: F & Taking<F, A>,
    options: ExecuteOptions<A> & Given<A>,
  ): Observable<Emitted<ReturnType<F>>>;
  execute<P extends Payload>(payload: P, options?: ExecuteOptions): Observable<EmittedBy<P>>;
  execute(payload: AnyPayload, options?: ExecuteOptions<readonly unknown[]>): Observable<unknown> {
    return execute(this.#core, payload, options);
  }

  /**
   * The same, pulled: an iterable is asked for a value only when the loop asks for one. Begins with
   * the first `next`; leaving the loop cancels it, and waits until it's over.
   *
   * @throws {@link InvalidPayloadError}, {@link InvalidOptionError}
   */
  iterate<R, A extends Arguments>(
    payload: PayloadFunction<R, A>,
    options: ExecuteOptions<A> & Given<A>,
  ): AsyncIterableIterator<Emitted<R>>;
  iterate<F extends AnyFunction, const A extends Arguments>(
    payload: F & Taking<F, A>,
    options: ExecuteOptions<A> & Given<A>,
  ): AsyncIterableIterator<Emitted<ReturnType<F>>>;
  iterate<P extends Payload>(
    payload: P,
    options?: ExecuteOptions,
  ): AsyncIterableIterator<EmittedBy<P>>;
  iterate(
    payload: AnyPayload,
    options?: ExecuteOptions<readonly unknown[]>,
  ): AsyncIterableIterator<unknown> {
    return iterate(this.#core, payload, options);
  }

  /**
   * Runs until stopped.
   *
   * @returns A promise of the report. It rejects, after everything has stopped, with
   *   {@link RunnerFailedError} when anything failed that nobody took; with {@link RunnerStateError}
   *   when the runner has run before, with {@link InvalidOptionError} for bad options.
   */
  async run(options: RunOptions = {}): Promise<Report> {
    checkOptions(options, RUN_CHECKS);
    if (this.#core.state !== 'idle') {
      throw new RunnerStateError(
        this.#core.state,
        `the runner is ${this.#core.state}: run() is called once, make another runner to run again`,
      );
    }
    this.#start(options);
    const report = await this.#shutdown.report;
    if (report.failures.length > 0) throw new RunnerFailedError(report);
    return report;
  }

  /**
   * Stops everything, within `shutdownTimeout`. Legal in every state, any number of times; the first reason is kept.
   *
   * @returns A promise of the report. It never rejects.
   */
  shutdown(reason?: GivenReason): Promise<Report> {
    this.#shutdown.begin(toStopReason('shutdown', reason));
    return this.#shutdown.report;
  }

  /**
   * Stops one task. Resolves when its life is over.
   *
   * @returns A promise that rejects with {@link UnknownTaskError}.
   */
  async stop(name: string, reason?: GivenReason): Promise<void> {
    const life = this.#find(name);
    life.stop(toStopReason('stop', reason));
    await new Promise<void>((resolve) => {
      life.whenOver(resolve);
    });
  }

  /**
   * Restarts one task: in backoff at once, else when its attempt has been stopped. Not charged to its budget.
   *
   * @throws {@link UnknownTaskError}
   */
  restart(name: string): void {
    this.#find(name).restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #find(name: string): Living {
    const life = this.#core.lives.get(name);
    if (!life) throw new UnknownTaskError(name);
    return life;
  }

  #start({ signals = false, signal, until = 'stopped' }: RunOptions): void {
    const { holding } = this.#shutdown;
    this.#core.state = 'running';
    this.#upSince = this.#core.now();
    this.#shutdown.untilIdle = until === 'idle';
    holding.add(keepAlive());
    // Handed to their flavours, in the order of adoption; none starts before `up` has been told.
    for (const life of [...this.#core.lives]) life.begin();
    this.#core.narrate.up();
    if (signals) holding.add(stopOnSignals(this.#shutdown));
    if (signal) holding.add(stopOnAbort(this.#shutdown, signal));
    this.#shutdown.lifeOver();
  }
}
