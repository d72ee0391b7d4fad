import { jest } from '@jest/globals';
import { type Observable, type Subscription, lastValueFrom, toArray } from 'rxjs';
import {
  type LifecycleEvent,
  type Report,
  Runner,
  type Threaded,
  type ThreadedOptions,
  type ThreadedPayload,
  threaded,
} from 'rxvisor';
import { runInThisContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';

// Threads take their time on a machine that is busy.
jest.setTimeout(20_000);

/** Not the one that jest shows to specs: that knows of no threads. */
export const realProcess = runInThisContext('process') as NodeJS.Process;

export const fixtureUrl = (file: string): URL =>
  new URL(`../../fixtures/threads/${file}`, import.meta.url);

/** The payloads of a worker module that is written in plain JavaScript, as the spec describes them. */
export const fixture = <M>(file: string, options?: ThreadedOptions): Threaded<M> =>
  threaded<M>(fixtureUrl(file), options);

/** The payloads of a module of which anything may be asked, also what it hasn't got. */
export function anyFixture(file: string | URL): AnyModule {
  const url = typeof file === 'string' ? fixtureUrl(file) : file;
  const module: unknown = threaded<unknown>(url);
  return module as AnyModule;
}

export type AnyModule = Readonly<Record<string, (...args: unknown[]) => ThreadedPayload>>;

type RunnerOptions = NonNullable<ConstructorParameters<typeof Runner>[0]>;

/** A runner that runs, and all that it has told. */
export class Stage {
  readonly runner: Runner;
  readonly events: LifecycleEvent[] = [];
  /** The report, or what `run()` has rejected with. */
  readonly end: Promise<unknown>;

  constructor(options: RunnerOptions = {}) {
    this.runner = new Runner(options);
    this.runner.events$.subscribe((event) => this.events.push(event));
    this.end = this.runner.run().catch((error: unknown) => error);
    stages.add(this);
  }

  /** What has been told of a task: `['start', 'crash restarting', 'restart crash', 'start', 'exit failed']`. */
  told(task: string): string[] {
    return this.events.filter((event) => 'task' in event && event.task === task).map(say);
  }

  /** The events of one type about a task. */
  ofType<T extends LifecycleEvent['type']>(
    type: T,
    task: string,
  ): Extract<LifecycleEvent, { type: T; task: string }>[] {
    return this.events.filter(
      (event): event is Extract<LifecycleEvent, { type: T; task: string }> =>
        event.type === type && 'task' in event && event.task === task,
    );
  }

  /** Resolves when something has been told, also if that was before. */
  async until(type: LifecycleEvent['type'], task: string, nth = 1): Promise<void> {
    const count = () =>
      this.events.filter((event) => event.type === type && 'task' in event && event.task === task)
        .length;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (count() >= nth) resolve();
      };
      this.runner.events$.subscribe(look);
      look();
    });
  }

  async shutdown(): Promise<Report> {
    stages.delete(this);
    const report = await this.runner.shutdown();
    await this.end;
    return report;
  }
}

const stages = new Set<Stage>();

/** For `afterEach`: none outlives its spec, also if that has failed. */
export async function leaveStages(): Promise<void> {
  await Promise.all([...stages].map((stage) => stage.shutdown()));
}

function say(event: LifecycleEvent): string {
  switch (event.type) {
    case 'crash':
      return event.restarting ? 'crash restarting' : 'crash';
    case 'restart':
      return `restart ${event.cause}`;
    case 'exit':
      return `exit ${event.outcome}${event.fatal ? ' fatal' : ''}`;
    case 'stopping':
      return `stopping ${event.reason.type}`;
    default:
      return event.type;
  }
}

/** What an Observable has emitted, and how it has ended. */
export interface Outcome<T = unknown> {
  readonly values: T[];
  /** Undefined if it has completed. */
  readonly failure: { readonly error: unknown } | undefined;
  /** As of `Date.now()`. */
  readonly at: number;
}

export function outcomeOf<T>(source$: Observable<T>, onValue?: (value: T) => void) {
  const values: T[] = [];
  return new Promise<Outcome<T>>((resolve) => {
    source$.subscribe({
      next: (value) => {
        values.push(value);
        onValue?.(value);
      },
      error: (error: unknown) => resolve({ values, failure: { error }, at: Date.now() }),
      complete: () => resolve({ values, failure: undefined, at: Date.now() }),
    });
  });
}

export const allOf = <T>(source$: Observable<T>): Promise<T[]> =>
  lastValueFrom(source$.pipe(toArray()));

/** Takes values one by one: `next()` resolves with the next one. */
export function firstValue<T>(source$: Observable<T>): Promise<{ value: T; held: Subscription }> {
  return new Promise((resolve, reject) => {
    const held: Subscription = source$.subscribe({
      next: (value) => setImmediate(() => resolve({ value, held })),
      error: reject,
    });
  });
}

/** Every Worker that is started in this process, by whomever, while it watches. */
export class Workers {
  readonly started: Worker[] = [];
  readonly alive = new Set<Worker>();
  readonly #ids = new Map<number, Worker>();
  readonly #waiting = new Set<() => void>();
  readonly #note = (worker: Worker) => {
    this.started.push(worker);
    this.alive.add(worker);
    this.#ids.set(worker.threadId, worker);
    worker.once('exit', () => {
      this.alive.delete(worker);
      for (const look of this.#waiting) look();
    });
    for (const look of this.#waiting) look();
  };

  constructor() {
    realProcess.on('worker', this.#note);
  }

  of(threadId: number): Worker {
    return this.#ids.get(threadId)!;
  }

  /** Resolves when it's so: looked at whenever one starts or ends. */
  async until(condition: (workers: this) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!condition(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  stopWatching(): void {
    realProcess.off('worker', this.#note);
  }
}

/** Keeps what threads write to their stderr out of the report of the tests, and hands it out. */
export function muffleStderr(): () => string {
  let text = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return () => text;
}

/** Memory that a payload's fixture and the spec both see. */
export class Shared {
  readonly buffer = new SharedArrayBuffer(64);
  readonly #ints = new Int32Array(this.buffer);
  readonly #floats = new Float64Array(this.buffer);

  get(n = 0): number {
    return Atomics.load(this.#ints, n);
  }

  set(value: number, n = 0): void {
    Atomics.store(this.#ints, n, value);
    Atomics.notify(this.#ints, n);
  }

  /** What a fixture has noted as the time. */
  get time(): number {
    return this.#floats[0]!;
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again and again: what happens in a thread tells nobody. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(2);
}
