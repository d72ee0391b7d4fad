import { performance } from 'node:perf_hooks';
import { config } from 'rxjs';
import { threaded } from '../../src/task/threaded.js';
import { transfer } from '../../src/task/transfer.js';
import type { ThreadedPayload } from '../../src/task/threaded-payload.js';
import { toSettings } from '../../src/thread/options.js';
import { Pool } from '../../src/thread/outside/pool.js';
import { Consumer } from './thread-consumer.js';
import { Producer } from './thread-job.js';
import { FakeLine } from './thread-line.js';
import type { Job, Program, Step } from './thread-program.js';

/** One execution: both of its sides, and what has become of it. */
export interface Execution {
  readonly number: number;
  readonly job: Job;
  readonly producer: Producer;
  readonly consumer: Consumer;
  isAdmitted: boolean;
  /** It was cancelled before it was admitted. */
  isWithdrawn: boolean;
  wasForced: boolean;
  /** Who has taken it up. */
  line: FakeLine | undefined;
  taken: number;
  /** For each value: what had been consumed as it was emitted, and what its thread must have known of that. */
  readonly emissions: { readonly consumed: number; readonly known: number }[];
  known: number;
  /** Its thread has been told that it's cancelled, if it has one. */
  isAskedForLong: boolean;
  wasAskedBeforeTick: boolean;
}

/** A pool whose threads are simulated, and all that it's asked to run. */
export class World {
  readonly executions: Execution[] = [];
  readonly lines: FakeLine[] = [];
  readonly violations: string[] = [];
  readonly pool: Pool;
  /** The clock, in ms. It stands still unless it's told to go on. */
  now = 0;
  readonly modules: Program['modules'];
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
    this.modules = program.modules;
    const { size, overlap, maxRuns, modules } = program;
    const settings = toSettings({ size, overlap, maxRuns, idleTimeout: 500, startTimeout: 60_000 });
    this.pool = new Pool(settings, (_settings, seats, listener) => {
      const line = new FakeLine(this.lines.length, seats, listener, {
        overlap,
        modules,
        take: (task, taker) => this.#take(task, taker),
      });
      this.lines.push(line);
      return line;
    });
  }

  get #living(): readonly FakeLine[] {
    return this.lines.filter(({ isGone }) => !isGone);
  }

  /** Those on which something can be done in their thread. */
  get #running(): readonly Execution[] {
    return this.executions.filter(({ line, consumer }) => line && !line.isDead && !consumer.isOver);
  }

  get unfinished(): readonly Execution[] {
    return this.executions.filter(({ consumer, isWithdrawn }) => !consumer.isOver && !isWithdrawn);
  }

  /** Does one step; synchronously, unless it is to let time pass. */
  take(step: Step): Promise<void> | undefined {
    if (step.step === 'turn') return turn();
    if (step.step === 'tick') return tick();
    if (step.step === 'flow') return this.#flow();
    this.#do(step);
    this.#look();
    return undefined;
  }

  #do(step: Step): void {
    switch (step.step) {
      case 'execute':
        this.execute(step.job);
        break;
      case 'wait':
        this.now += step.time;
        break;
      case 'hand to thread':
        pick(this.#living, step.nth)?.handToThread();
        break;
      case 'hand to main':
        pick(this.#living, step.nth)?.handToMain();
        break;
      case 'bury':
        pick(this.#living, step.nth)?.bury();
        break;
      case 'load':
        pick(
          this.#living.filter(({ isDead }) => !isDead),
          step.nth,
        )?.load();
        break;
      case 'kill':
        pick(this.#living, step.nth)?.kill(step.death);
        break;
      case 'emit':
        pick(this.#running, step.nth)?.producer.emit(step.count);
        break;
      case 'finish':
        pick(this.#running, step.nth)?.producer.finish();
        break;
      case 'settle':
        pick(this.#running, step.nth)?.producer.settle();
        break;
      case 'ask for':
        pick(this.unfinished, step.nth)?.consumer.askFor(step.count);
        break;
      case 'cancel':
        this.#cancel(pick(this.unfinished, step.nth));
        break;
      case 'force':
        this.#force(pick(this.unfinished, step.nth));
    }
  }

  async #flow(): Promise<void> {
    await this.#tick();
    this.#handAll();
  }

  execute(job: Job): Execution {
    const number = this.executions.length;
    const consumer = new Consumer(
      `job ${number}`,
      toPayload(job),
      job.demand === 'always' ? Infinity : 1,
    );
    const execution: Execution = {
      number,
      job,
      consumer,
      producer: new Producer(number, job),
      isAdmitted: false,
      isWithdrawn: false,
      wasForced: false,
      line: undefined,
      taken: 0,
      emissions: [],
      known: 0,
      isAskedForLong: false,
      wasAskedBeforeTick: false,
    };
    execution.producer.onEmit = () => {
      this.#emits(execution);
    };
    consumer.onFailure = () => {
      if (this.#program.together) for (const other of this.unfinished) this.#cancel(other);
    };
    this.executions.push(execution);
    this.pool.enqueue({
      crosses: true,
      get closed() {
        return execution.isWithdrawn;
      },
      execute: () => {
        if (execution.isWithdrawn) return;
        execution.isAdmitted = true;
        this.pool.enter(consumer.entry, consumer.payload);
      },
    });
    return execution;
  }

  /** Lets everything go on until nothing does any more: whatever may end, ends. */
  async settle(): Promise<void> {
    for (let round = 0; round < MANY; round++) {
      await this.#tick();
      if (this.#handAll()) continue;
      for (const { producer, consumer, line } of this.executions) {
        if (!consumer.isOver) consumer.askFor(3);
        if (!line || line.isDead) continue;
        producer.finish();
        producer.settle();
      }
      for (const line of this.#living) {
        if (!line.isDead) line.load();
        line.bury();
      }
      await this.#tick();
      if (!this.#handAll() && this.unfinished.length === 0) return;
    }
  }

  /** The pool is closed: everything in it ends. */
  async close(): Promise<boolean> {
    let isClosed = false;
    void this.pool.close().then(() => (isClosed = true));
    for (let round = 0; round < 20 && !isClosed; round++) {
      await tick();
      this.#handAll();
      for (const line of this.#living) line.bury();
    }
    return isClosed;
  }

  /** What has been asked so far is under way after it. */
  async #tick(): Promise<void> {
    for (const execution of this.executions) {
      execution.wasAskedBeforeTick = execution.consumer.wasAsked;
    }
    await tick();
  }

  #handAll(): boolean {
    const busy = this.#living.filter(({ hasNews }) => hasNews);
    for (const line of busy) {
      for (let i = 0; i < 50 && line.hasNews && !line.isGone; i++) {
        line.handToThread();
        line.handToMain();
      }
    }
    if (busy.every(({ isDead }) => isDead)) this.#knowAll();
    this.#look();
    return busy.some(({ isDead }) => !isDead);
  }

  /** Nothing is under way: every thread knows what has been consumed, but for a part of its window. */
  #knowAll(): void {
    for (const execution of this.executions) {
      const { window } = execution.job;
      const { consumer, producer } = execution;
      execution.known = consumer.consumed - Math.floor(window / 2);
      if (execution.isAskedForLong && !consumer.isOver && isAtOnce(execution))
        this.violations.push(`job ${producer.number} goes on though it has been asked to stop`);
      execution.isAskedForLong = execution.wasAskedBeforeTick;
    }
  }

  #take(task: string, line: FakeLine) {
    const execution = this.executions[Number(task.slice(4))];
    if (!execution) throw new Error(`nobody has asked for ${task}`);
    const { consumer, producer } = execution;
    execution.line = line;
    execution.taken++;
    if (consumer.ends.length > 0) this.violations.push(`${task} is taken up after its end`);
    else if (consumer.wasAsked)
      this.violations.push(`${task} is taken up though it has been asked to stop`);
    return (...args: never[]) => {
      if (execution.isAskedForLong) this.violations.push(`${task} runs though it was cancelled`);
      return producer.enter(args[0], args[1] as never);
    };
  }

  #emits({ emissions, consumer, producer, job, known, line }: Execution): void {
    const { consumed } = consumer;
    emissions.push({ consumed, known });
    const ahead = producer.emitted + 1 - consumed;
    const isPulled = !job.shape.startsWith('pushes');
    if (isPulled && ahead > job.window && !line?.isDead)
      this.violations.push(`job ${producer.number} is ${ahead} ahead, of ${job.window}`);
  }

  #cancel(execution: Execution | undefined): void {
    if (!execution) return;
    if (execution.isAdmitted) execution.consumer.ask(Object.freeze({ type: 'unsubscribe' }));
    else execution.isWithdrawn = true;
  }

  #force(execution: Execution | undefined): void {
    if (!execution?.isAdmitted) return;
    const { consumer } = execution;
    if (!consumer.wasAsked && consumer.ends.length === 0) return;
    execution.wasForced = true;
    consumer.force();
  }

  /** What holds at every moment. */
  #look(): void {
    const alive = this.#living.length;
    if (alive > this.#program.size) this.violations.push(`${alive} threads are alive`);
  }
}

/** More rounds than the values of any program take, one by one. */
const MANY = 1_000;

/** Runs a program, and lets it come to its end. */
export async function runWorld(
  program: Program,
  judge: (world: World) => string[],
): Promise<string[]> {
  const surfaced: unknown[] = [];
  const { onUnhandledError } = config;
  const { emitWarning } = process;
  config.onUnhandledError = (error) => surfaced.push(error);
  process.emitWarning = () => undefined;
  const world = new World(program);
  performance.now = () => world.now;
  try {
    for (const step of program.steps) {
      const passing = world.take(step);
      if (passing) await passing;
    }
    await world.settle();
    const left = world.unfinished.length;
    if (left > 0) world.violations.push(`${left} are left, though nothing happens any more`);
    const probe = world.execute(PROBE);
    await world.settle();
    const violations = judge(world);
    if (program.modules !== 'bad' && probe.consumer.items.length !== 1)
      violations.push('the pool runs nothing any more');
    if (!(await world.close())) violations.push('closing the pool never ends');
    const alive = world.lines.filter(({ isGone }) => !isGone).length;
    if (alive > 0 || world.pool.size > 0) violations.push(`${alive} threads outlive their pool`);
    return [
      ...world.violations,
      ...violations,
      ...surfaced.map((error) => `it threw ${String(error)}`),
    ];
  } finally {
    config.onUnhandledError = onUnhandledError;
    process.emitWarning = emitWarning;
    delete (performance as Partial<typeof performance>).now;
  }
}

/** It runs, and ends as soon as it's cancelled. */
const isAtOnce = ({ job, producer, line }: Execution) =>
  producer.entered > 0 &&
  line?.death === undefined &&
  ['pushes', 'is pulled'].includes(job.shape) &&
  ['none', 'sync', 'fails'].includes(job.teardown);

const PROBE: Job = {
  shape: 'returns',
  values: 1,
  fails: false,
  teardown: 'none',
  window: 8,
  overflow: 'error',
  bad: -1,
  moves: false,
  argument: 'plain',
  demand: 'always',
};

interface Module {
  readonly run: (argument: unknown) => unknown;
}

function toPayload({ window, overflow, argument }: Job): ThreadedPayload {
  const { run } = threaded<Module>('file:///a/module.js', { window, overflow });
  if (argument === 'bad') return run(() => 'a function');
  const bytes = new ArrayBuffer(4);
  return run(argument === 'moved' ? transfer(bytes, [bytes]) : 0);
}

const pick = <T>(among: readonly T[], nth: number): T | undefined => among[nth % among.length];

/** Microtasks have had a turn. */
async function turn(): Promise<void> {
  for (let i = 0; i < 6; i++) await Promise.resolve();
}

/** What is armed for the end of the tick has been done, and what follows of that. */
const tick = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
