import { clearInterval, setInterval } from 'node:timers';
import { log } from '../../log.js';
import { readClaims } from './claims.js';

const debug = log('broker');

/** How often it's said that a job is being done, in ms: three times before it would be taken for lost. */
const EVERY = 3_000;

/** How it's said that somebody is at some claims: their ids are `$2`, how often each was claimed before is `$3`. */
export interface Touch {
  readonly text: string;
  /** `$1` */
  readonly queue: string;
}

/** Heartbeats for the claims in some pages. */
export interface Beating {
  add(page: Int32Array): void;
  /** Resolves when nothing more is said. */
  stop(): Promise<void>;
}

/** Says again and again of some claims that somebody is at them, in this thread. Keeps no process alive. */
export class Beat implements Beating {
  readonly #touch: Touch;
  readonly #execute: (text: string, values: unknown[]) => Promise<unknown>;
  readonly #pages: Int32Array[] = [];
  readonly #timer: NodeJS.Timeout;
  #touching: Promise<void> | undefined;

  constructor(touch: Touch, execute: (text: string, values: unknown[]) => Promise<unknown>) {
    this.#touch = touch;
    this.#execute = execute;
    this.#timer = setInterval(() => {
      this.#touching ??= this.#beat().finally(() => (this.#touching = undefined));
    }, EVERY).unref();
  }

  add(page: Int32Array): void {
    this.#pages.push(page);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#touching;
  }

  async #beat(): Promise<void> {
    const { ids, retryCounts } = readClaims(this.#pages);
    if (ids.length === 0) return;
    try {
      await this.#execute(this.#touch.text, [this.#touch.queue, ids, retryCounts]);
    } catch (error) {
      // The next one may get through.
      debug('a heartbeat is lost: %O', error);
    }
  }
}
