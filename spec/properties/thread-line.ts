import { WorkerCrashError } from '../../src/errors.js';
import { encodeError } from '../../src/thread/error-codec.js';
import { Desk, type Find } from '../../src/thread/inside/desk.js';
import { Speaker } from '../../src/thread/inside/speaker.js';
import type { Listener, Wire } from '../../src/thread/outside/line.js';
import {
  DYING,
  EXITING,
  type FromThread,
  HELLO,
  type ToThread,
} from '../../src/thread/protocol.js';
import type { Said } from '../../src/thread/outbox.js';
import { Seats } from '../../src/thread/seats.js';
import type { AnyFunction } from '../../src/task/shapes.js';
import type { Death } from './thread-program.js';

/** What a line is to the world around it. */
export interface Surroundings {
  readonly overlap: number;
  readonly modules: 'loaded' | 'slow' | 'bad';
  /** A payload is taken up: its function. */
  take(task: string, line: FakeLine): AnyFunction;
}

/** A thread and the port to it, both in this one: what's posted lies there until it's handed over. */
export class FakeLine implements Wire {
  readonly number: number;
  /** Nothing runs in it any more. */
  isDead = false;
  isGone = false;
  /** How it has died, or is about to. */
  death: Death | 'closed' | undefined;
  readonly #listener: Listener;
  readonly #toThread: Said<ToThread>[] = [];
  readonly #toMain: Said<FromThread>[] = [];
  readonly #speaker: Speaker;
  readonly #desk: Desk;
  readonly #whenGone: (() => void)[] = [];
  #load: (() => void)[] = [];
  #isLoaded: boolean;
  #isUp = false;

  constructor(number: number, seats: Int32Array, listener: Listener, around: Surroundings) {
    this.number = number;
    this.#listener = listener;
    this.#isLoaded = around.modules === 'loaded';
    this.#speaker = new Speaker(
      (said, list) => {
        // Cloned before anything is thrown away: what can't be cloned can't be, whoever listens.
        const copy = copyOf(said, list);
        if (!this.isDead) this.#toMain.push(copy);
      },
      (id, error) => this.#desk.refuse(id, error),
    );
    const find: Find = (_define, task) => {
      const payload = around.take(task, this);
      if (this.#isLoaded) return payload;
      return new Promise((resolve, reject) => {
        this.#load.push(() => {
          if (around.modules === 'slow') {
            this.#isLoaded = true;
            resolve(payload);
          } else reject(new WorkerCrashError(task, 'load', { threadId: number }));
        });
      });
    };
    const exit = () => {
      this.#exit(0, 'closed');
    };
    const seen = new TheirSeats(seats, this);
    this.#desk = new Desk(seen, around.overlap, this.#speaker, find, exit, () => undefined);
  }

  post(said: Said<ToThread>, transferList: readonly unknown[]): void {
    const copy = copyOf(said, transferList);
    if (!this.isGone) this.#toThread.push(copy);
  }

  terminate(): Promise<void> {
    // It goes on for a while.
    this.death ??= 'is terminated';
    return this.#gone();
  }

  exited(): Promise<void> {
    return this.#gone();
  }

  /** Whether it has ever said something. */
  get isUp(): boolean {
    return this.#isUp;
  }

  get hasNews(): boolean {
    return this.#toThread.length > 0 || this.#toMain.length > 0;
  }

  handToThread(): void {
    if (this.isDead) return;
    if (!this.#isUp) {
      this.#isUp = true;
      this.#speaker.say([HELLO]);
      this.#speaker.flush();
    }
    const said = this.#toThread.shift();
    if (!said) return;
    this.#desk.receive(said);
  }

  handToMain(): void {
    const said = this.#toMain.shift();
    if (!said) return;
    this.#listener.receive(said);
    this.#listener.drained();
  }

  load(): void {
    for (const load of this.#load.splice(0)) load();
  }

  kill(death: Death): void {
    if (this.isDead) return;
    if (death === 'exits') {
      this.#exit(3, death);
      return;
    }
    if (death === 'throws') {
      this.#speaker.say([DYING, 'uncaught', encodeError(new Error('nobody catches this'))]);
      this.#speaker.flush();
    }
    this.death ??= death;
    this.isDead = true;
  }

  /** The main thread hears of its end. */
  bury(): void {
    if (!this.death || this.isGone) return;
    this.isDead = true;
    this.isGone = true;
    const error = toError(this.death);
    if (error) this.#listener.failed(error);
    for (const said of this.#toMain.splice(0)) this.#listener.receive(said);
    this.#listener.gone(this.death === 'exits' ? 3 : 1, this.number, '');
    for (const resolve of this.#whenGone) resolve();
  }

  #exit(code: number, death: Death | 'closed'): void {
    this.death ??= death;
    this.#speaker.say([EXITING, code]);
    this.#speaker.flush();
    this.isDead = true;
  }

  #gone(): Promise<void> {
    return this.isGone
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#whenGone.push(resolve);
        });
  }
}

/** Nothing is taken any more by what is dead: here, what it has left behind goes on. */
class TheirSeats extends Seats {
  readonly #line: FakeLine;

  constructor(shared: Int32Array, line: FakeLine) {
    super(shared);
    this.#line = line;
  }

  override take(seat: number, id: number): boolean {
    return !this.#line.isDead && super.take(seat, id);
  }
}

function toError(death: Death | 'closed'): object | undefined {
  if (death === 'throws') return new Error('nobody catches this');
  return death === 'runs out of memory' ? { code: 'ERR_WORKER_OUT_OF_MEMORY' } : undefined;
}

const copyOf = <T>(said: T, list: readonly unknown[]): T =>
  structuredClone(said, { transfer: list as never });
