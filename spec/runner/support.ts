import {
  type SchedulerLike,
  Subscriber,
  Subscription,
  asyncScheduler,
  config,
  firstValueFrom,
  filter,
  queueScheduler,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  defineFlavour,
  type Flavour,
  flavours,
  type LifecycleEvent,
  Runner,
  type RunnerOptions,
  type RunOptions,
  type TaskEvent,
} from '../../src/index.js';

/** A flavour for `describe.each`; made anew for each case, since a virtual one belongs to a clock. */
export interface FlavourCase {
  readonly name: string;
  readonly make: (clock: TestScheduler) => Flavour;
}

const ASAP: FlavourCase = { name: 'asap', make: () => flavours.asap };
const ASYNC: FlavourCase = { name: 'async', make: () => flavours.async };
/** Runs its work inside `schedule`, in the caller's stack (PITFALLS A27). */
const QUEUE: FlavourCase = { name: 'queue', make: () => defineFlavour('queue', queueScheduler) };
const VIRTUAL: FlavourCase = { name: 'virtual', make: (clock) => defineFlavour('virtual', clock) };

/** For specs in virtual time. */
export const VIRTUAL_FLAVOURS: readonly FlavourCase[] = [ASAP, ASYNC, QUEUE, VIRTUAL];

/** For specs with promises, in real time. */
export const REAL_FLAVOURS: readonly { name: string; flavour: Flavour }[] = [
  { name: 'asap', flavour: flavours.asap },
  { name: 'async', flavour: flavours.async },
  { name: 'queue', flavour: defineFlavour('queue', queueScheduler) },
];

/** A runner whose every timer is virtual, and what an observer of it has seen. */
export interface World {
  readonly runner: Runner;
  readonly events: LifecycleEvent[];
  readonly flavour: Flavour;
  readonly clock: TestScheduler;
  /** Calls `runner.run()`; whatever comes of it is kept in `ran` and is never unhandled. */
  run(options?: RunOptions): void;
  /** What `run` came to: the report, or the error it rejected with. */
  readonly ran: () => Promise<unknown>;
  /** Does something at a time, in ms. */
  at(time: number, work: () => void): void;
  /** Lets virtual time pass until nothing is due any more. */
  flush(): void;
  now(): number;
}

/**
 * Runs a spec in virtual time: `asap`, `async` and every delay. The runner is shut down at the end,
 * if the spec hasn't, so that it holds no handle.
 */
export function virtually<T>(
  { make }: FlavourCase,
  spec: (world: World) => T,
  options?: RunnerOptions,
): T {
  const clock = new TestScheduler(() => undefined);
  return clock.run(({ flush }) => {
    const runner = new Runner(options);
    const events = observe(runner);
    let ran: Promise<unknown> = Promise.resolve(undefined);
    const world: World = {
      runner,
      events,
      flavour: make(clock),
      clock,
      run: (runOptions) => {
        ran = runner.run(runOptions).catch((error: unknown) => error);
      },
      ran: () => ran,
      at: (time, work) => {
        asyncScheduler.schedule(work, time - asyncScheduler.now());
      },
      flush,
      now: () => asyncScheduler.now(),
    };
    try {
      return spec(world);
    } finally {
      void runner.shutdown();
      flush();
    }
  });
}

/** Records what one observer of a runner sees. */
export function observe(runner: Runner): LifecycleEvent[] {
  const events: LifecycleEvent[] = [];
  runner.events$.subscribe((event) => events.push(event));
  return events;
}

/** An event in a few words: `crash web 2 restarting`. */
export function tell(event: LifecycleEvent): string {
  switch (event.type) {
    case 'up':
    case 'down':
      return event.type;
    case 'backend-down':
    case 'backend-up':
      return `${event.type} ${event.backend}`;
    case 'shutdown':
      return `shutdown (${event.reason.type})`;
    default:
      return [event.type, event.task, event.attempt, ...details(event)].join(' ');
  }
}

function details(event: TaskEvent): (string | number)[] {
  switch (event.type) {
    case 'crash':
      return event.restarting ? ['restarting'] : [];
    case 'stopping':
      return [`(${event.reason.type})`];
    case 'overdue':
      return [`after ${event.grace}`];
    case 'restart':
      return [`in ${event.delay}`, `(${event.cause})`];
    case 'exit':
      return event.fatal ? [event.outcome, 'fatal'] : [event.outcome];
    default:
      return [];
  }
}

export const told = (events: readonly LifecycleEvent[]): string[] => events.map(tell);

/** The same with the time in front: `5 exit web 1 completed`. */
export const toldAt = (events: readonly LifecycleEvent[]): string[] =>
  events.map((event) => `${event.at} ${tell(event)}`);

/** The events of one task. */
export const ofTask = (events: readonly LifecycleEvent[], task: string): TaskEvent[] =>
  events.filter((event): event is TaskEvent => 'task' in event && event.task === task);

/** The one event of a type (and of a task); fails when there is none, or more than one. */
export function only<Type extends LifecycleEvent['type']>(
  events: readonly LifecycleEvent[],
  type: Type,
  task?: string,
): Extract<LifecycleEvent, { type: Type }> {
  const found = events.filter(
    (event): event is Extract<LifecycleEvent, { type: Type }> =>
      event.type === type && (task === undefined || ('task' in event && event.task === task)),
  );
  if (found.length !== 1)
    throw new Error(`${found.length} events ${type}: ${told(events).join(', ')}`);
  return found[0]!;
}

/** The next event of a type (and of a task). */
export function next(
  runner: Runner,
  type: LifecycleEvent['type'],
  task?: string,
): Promise<LifecycleEvent> {
  return firstValueFrom(
    runner.events$.pipe(
      filter((e) => e.type === type && (task === undefined || ('task' in e && e.task === task))),
    ),
  );
}

/** Lets the event loop turn: promises, asap and async tasks that are due have had their turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

/** Collects what RxJS would let surface as an uncaught exception, for as long as the work takes. */
export async function surfacing(work: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  const before = config.onUnhandledError;
  config.onUnhandledError = (error) => errors.push(error);
  try {
    await work();
    await turn();
  } finally {
    config.onUnhandledError = before;
  }
  return errors;
}

/** A subscriber that RxJS doesn't fence, as anybody can make one. It throws whatever it's told. */
class Bare extends Subscriber<unknown> {
  override next(value: unknown): void {
    throw new Error(`next ${String(value)}`);
  }
  override error(error: unknown): void {
    throw new Error(`error ${String(error)}`);
  }
  override complete(): void {
    throw new Error('complete');
  }
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- anybody can hand in one
export const bare = (): Subscriber<unknown> => new Bare();

/** A scheduler that can't take work back: all of it is run by the next `flush`, unsubscribed or not. */
export function makeDeaf(): { scheduler: SchedulerLike; flush: () => void } {
  const queue: (() => void)[] = [];
  const schedule = (work: (this: never, state?: never) => void, _delay?: number, state?: never) => {
    queue.push(() => {
      work.call(undefined as never, state);
    });
    return new Subscription();
  };
  const flush = () => {
    for (const run of queue.splice(0)) run();
  };
  return { scheduler: { now: () => Date.now(), schedule }, flush };
}

/** Something asynchronous in virtual time: a thenable, since promises are never virtual. */
export const later = (delay: number, work: () => unknown = () => undefined): PromiseLike<void> =>
  ({
    then: (resolve: () => void, reject: (error: unknown) => void) => {
      asyncScheduler.schedule(() => {
        try {
          work();
        } catch (error) {
          reject(error);
          return;
        }
        resolve();
      }, delay);
    },
  }) as unknown as PromiseLike<void>;

/** Something asynchronous that never ends. */
export const HUNG: PromiseLike<void> = { then: () => HUNG } as unknown as PromiseLike<void>;
