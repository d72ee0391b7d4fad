import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { type Subscription, asyncScheduler } from 'rxjs';
import { log } from '../../log.js';
import type { PgPool } from '../pg-boss.js';
import { startThread } from '../start-thread.js';
import { Beat, type Beating, type Touch } from './beat.js';
import { type Connection, connectionOf } from './connection.js';

const debug = log('broker');

/** How long until another thread is started when one has died, in ms. */
const SOON = 1_000;
/** How long a thread may take to end by itself, in ms. */
const PATIENCE = 2_000;

/** What a thread is made with. */
export interface Equipment {
  readonly connection: Connection;
  readonly touch: Touch;
}

/** What it's told: another page, or that it's over. */
export type ToHeart = Int32Array | 'stop';

/**
 * Heartbeats from a thread with a connection of its own, like those of the pool. Where that can't be
 * handed over, since a function makes it, they come from this thread, and stop while it's busy.
 */
export function beatOnThread(pool: PgPool, touch: Touch): Beating {
  const connection = connectionOf(pool);
  if (connection) return new Heart({ connection, touch });
  debug('the pool makes its connections by a function: heartbeats come from the main thread');
  return new Beat(touch, (text, values) => pool.query({ text, values }));
}

/** A thread that says it, and another one if that dies. It keeps no process alive. */
class Heart implements Beating {
  readonly #equipment: Equipment;
  readonly #pages: Int32Array[] = [];
  #worker: Worker;
  #again: Subscription | undefined;
  #isOver = false;

  constructor(equipment: Equipment) {
    this.#equipment = equipment;
    this.#worker = this.#start();
  }

  add(page: Int32Array): void {
    this.#pages.push(page);
    this.#worker.postMessage(page satisfies ToHeart);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#again?.unsubscribe();
    if (this.#worker.threadId < 0) return;
    // Whoever waits for this is kept waiting, and alive.
    this.#worker.ref();
    const gone = once(this.#worker, 'exit');
    const limit = asyncScheduler.schedule(() => void this.#worker.terminate(), PATIENCE);
    this.#worker.postMessage('stop' satisfies ToHeart);
    await gone;
    limit.unsubscribe();
  }

  #start(): Worker {
    const worker = startThread('#heartbeat-thread', this.#equipment);
    worker.unref();
    for (const page of this.#pages) worker.postMessage(page satisfies ToHeart);
    worker.on('error', (error) => {
      debug('the thread of the heartbeats fails: %O', error);
    });
    worker.on('exit', () => {
      if (this.#isOver) return;
      this.#again = asyncScheduler.schedule(() => (this.#worker = this.#start()), SOON);
    });
    return worker;
  }
}
