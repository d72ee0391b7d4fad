import { Observable, type Subscriber } from 'rxjs';
import type { StopReason } from '../../src/report.js';
import type { TaskContext } from '../../src/task/shapes.js';
import { transfer } from '../../src/task/transfer.js';
import type { Job } from './thread-program.js';

/** A value, as it was emitted and as it has come over. */
export interface Item {
  readonly n: number;
  readonly bytes?: ArrayBuffer;
}

/** One job as its thread sees it: the payload, and what it has done. */
export class Producer {
  readonly number: number;
  readonly job: Job;
  /** Called as a value is about to be emitted. */
  onEmit: () => void = () => undefined;
  entered = 0;
  /** How many values it has emitted. */
  emitted = 0;
  /** The last one was too many: it was stopped in the midst of it. */
  wasStopped = false;
  hasCompleted = false;
  hasFailed = false;
  hasTornDown = false;
  isBytesShort = false;
  #subscriber: Subscriber<unknown> | undefined;
  #budget = 0;
  #wake: () => void = () => undefined;
  #mayFinish = false;
  #settle: (() => void) | undefined;
  #resolve: (() => void) | undefined;

  constructor(number: number, job: Job) {
    this.number = number;
    this.job = job;
  }

  get failure(): Error {
    return new Error(`job ${this.number} fails`);
  }

  /** What runs in the thread. */
  readonly enter = (argument: unknown, context: TaskContext): unknown => {
    this.entered++;
    if (this.job.argument === 'moved') {
      this.isBytesShort = (argument as ArrayBuffer).byteLength !== 4;
    }
    this.#registerTeardown(context);
    switch (this.job.shape) {
      case 'pushes':
        return this.#push();
      case 'pushes and reads its signal':
        context.signal.addEventListener('abort', () => {
          const reason = context.signal.reason as StopReason;
          // What it has failed with already needs no other end.
          if (reason.type !== 'failure') this.#end(reason);
        });
        return this.#push();
      case 'is pulled':
        return this.#pull();
      case 'is pulled and waits':
        return this.#pullLater();
      case 'promises':
        return this.#promise();
      case 'returns':
        this.onEmit();
        this.hasCompleted = true;
        return this.#make();
      case 'throws':
        this.hasFailed = true;
        throw this.failure;
    }
  };

  /** Its source has ended, by itself. */
  get isOver(): boolean {
    return this.hasCompleted || this.hasFailed;
  }

  /** It has so many more values to emit. */
  emit(count: number): void {
    if (this.entered === 0) return;
    for (
      let i = 0;
      i < count && this.#subscriber && !this.#subscriber.closed && !this.isOver;
      i++
    ) {
      this.onEmit();
      this.#subscriber.next(this.#make());
      this.wasStopped = this.#subscriber.closed;
    }
    this.#budget += count;
    this.#wake();
  }

  /** It may end, if it doesn't by itself. */
  finish(): void {
    if (this.entered === 0) return;
    this.#mayFinish = true;
    this.#wake();
    this.#resolve?.();
    this.#end();
  }

  settle(): void {
    this.#settle?.();
  }

  #end(reason?: StopReason): void {
    const subscriber = this.#subscriber;
    if (!subscriber || subscriber.closed || this.isOver) return;
    if (reason && this.job.fails) subscriber.error(reason);
    else if (this.job.fails) {
      this.hasFailed = true;
      subscriber.error(this.failure);
    } else {
      this.hasCompleted = true;
      subscriber.complete();
    }
  }

  #make(): unknown {
    const n = this.emitted++;
    if (n === this.job.bad) return { n, cannot: () => n };
    const item: Item = { n };
    if (!this.job.moves) return item;
    const bytes = new ArrayBuffer(4);
    return transfer({ ...item, bytes }, [bytes]);
  }

  #push(): Observable<unknown> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
    });
  }

  *#pull(): Generator {
    for (let i = 0; i < this.job.values; i++) {
      this.onEmit();
      yield this.#make();
    }
    this.#endPulled();
  }

  async *#pullLater(): AsyncGenerator {
    for (let i = 0; i < this.job.values; i++) {
      while (this.#budget === 0 && !this.#mayFinish) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      this.#budget = Math.max(0, this.#budget - 1);
      this.onEmit();
      yield this.#make();
    }
    this.#endPulled();
  }

  #endPulled(): void {
    this.hasFailed = this.job.fails;
    this.hasCompleted = !this.job.fails;
    if (this.job.fails) throw this.failure;
  }

  async #promise(): Promise<unknown> {
    await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#endPulled();
    this.onEmit();
    return this.#make();
  }

  #registerTeardown(context: TaskContext): void {
    const { teardown } = this.job;
    if (teardown === 'none') {
      this.hasTornDown = true;
      return;
    }
    context.onTeardown(() => {
      const done = () => {
        this.hasTornDown = true;
        if (teardown.startsWith('fails')) throw new Error(`teardown ${this.number} fails`);
      };
      if (teardown === 'sync' || teardown === 'fails') {
        done();
        return undefined;
      }
      return new Promise<void>((resolve) => (this.#settle = resolve)).then(done);
    });
  }
}
