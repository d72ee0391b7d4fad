import { clearTimeout, setTimeout } from 'node:timers';
import {
  MessageChannel,
  type MessagePort,
  type Transferable,
  Worker,
  receiveMessageOnPort,
} from 'node:worker_threads';
import { log } from '../../log.js';
import type { ThreadSettings } from '../options.js';
import type { Said } from '../outbox.js';
import type { Equipment, FromThread, ToThread } from '../protocol.js';
import { Tail } from './tail.js';

/** What comes of a worker. */
export interface Listener {
  receive(said: Said<FromThread>): void;
  /** Whether more may have come meanwhile. */
  readonly expectsMore: boolean;
  /** That was all for now. */
  drained(): void;
  /** Node says that something has ended it; the exit follows. */
  failed(error: unknown): void;
  /** Nothing comes any more. */
  gone(exitCode: number, threadId: number, stderr: string): void;
}

/** What a thread uses of its line. */
export type Wire = Pick<Line, 'post' | 'terminate' | 'exited'>;

/** @throws what Node says to impossible options */
export type Connect = (settings: ThreadSettings, seats: Int32Array, listener: Listener) => Wire;

export const connect: Connect = (settings, seats, listener) => new Line(settings, seats, listener);

const debug = log('thread');

/** As many messages as are taken at once before anything else gets its turn. */
const MOST = 1_000;
/** How long an end is awaited, in ms: to exit when asked, then to be terminated. A call of native code can't be. */
const PATIENCE = 1_000;

/**
 * A worker and the port to it. The port is its own, so that nothing that the modules in there do with
 * `parentPort` disturbs it. Neither keeps the process alive: what runs in there is a task, and its
 * runner does.
 */
export class Line {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #tail: Tail;
  readonly #listener: Listener;
  readonly #threadId: number;
  readonly #gone: Promise<void>;

  /** @throws what Node says to impossible options */
  constructor(
    { overlap, resourceLimits, env, execArgv }: ThreadSettings,
    seats: Int32Array,
    listener: Listener,
  ) {
    const { port1, port2 } = new MessageChannel();
    const equipment: Equipment = { port: port2, seats, overlap };
    this.#listener = listener;
    this.#port = port1;
    this.#worker = new Worker(new URL(import.meta.resolve('#thread-entry')), {
      workerData: equipment,
      transferList: [port2],
      ...(resourceLimits && { resourceLimits }),
      ...(env && { env }),
      ...(execArgv ? { execArgv: [...execArgv] } : ofCommandLine()),
    });
    this.#threadId = this.#worker.threadId;
    debug('thread %d starts', this.#threadId);
    this.#tail = new Tail(this.#worker.stderr);
    this.#gone = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#leave(code);
        resolve();
      });
    });
    this.#worker.on('error', (error) => {
      listener.failed(error);
    });
    port1.on('message', this.#receive);
    port1.on('messageerror', this.#unreadable);
    port1.unref();
    this.#worker.unref();
  }

  post(said: Said<ToThread>, transferList: readonly unknown[]): void {
    this.#port.postMessage(said, transferList as Transferable[]);
  }

  /** Ends it. Resolves when it's gone, or when even that takes too long. */
  async terminate(): Promise<void> {
    void this.#worker.terminate();
    await this.#within(PATIENCE);
  }

  /** The same for one that has been asked to exit by itself, so that what it has written is not lost. */
  async exited(): Promise<void> {
    if (!(await this.#within(PATIENCE))) await this.terminate();
  }

  async #within(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    const isGone = await Promise.race([this.#gone.then(() => true), patience]);
    clearTimeout(timer);
    return isGone;
  }

  /** One event for as many messages as there are: an event each costs four times as much. */
  readonly #receive = (first: Said<FromThread>): void => {
    this.#listener.receive(first);
    if (this.#listener.expectsMore) this.#drain(MOST);
    this.#listener.drained();
  };

  /** What was in it, and whose, nobody knows. */
  readonly #unreadable = (error: Error): void => {
    this.#listener.failed(error);
    void this.terminate();
  };

  #drain(most: number): void {
    for (let i = 0; i < most; i++) {
      const said = this.#take();
      if (!said) return;
      this.#listener.receive(said);
    }
  }

  #take(): Said<FromThread> | undefined {
    try {
      return receiveMessageOnPort(this.#port)?.message as Said<FromThread> | undefined;
    } catch (error) {
      this.#unreadable(error as Error);
      return [];
    }
  }

  #leave(code: number): void {
    debug('thread %d has ended with exit code %d', this.#threadId, code);
    // Its last words may have come later than its end.
    this.#drain(Infinity);
    this.#port.close();
    this.#listener.gone(code, this.#threadId, this.#tail.lines);
  }
}

/**
 * A thread inherits the options of this process as they are. Only those of a script that is given on
 * the command line would keep it from starting; of what is handed to it instead, less is allowed.
 */
function ofCommandLine(): { readonly execArgv?: string[] } {
  const { execArgv } = process;
  if (!execArgv.some((option) => option.startsWith('--input-type'))) return {};
  return { execArgv: execArgv.filter((option) => FOR_THREADS.test(option)) };
}

const FOR_THREADS =
  /^--(import|require|loader|conditions|experimental-[a-z-]+|disable-warning)=|^--(enable-source-maps|no-warnings)$/;
