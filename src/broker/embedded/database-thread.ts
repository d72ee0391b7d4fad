import type { Worker } from 'node:worker_threads';
import { asyncScheduler } from 'rxjs';
import { BackendDownError, RxvisorError } from '../../errors.js';
import { show } from '../../show.js';
import { decodeError } from '../../thread/error-codec.js';
import type { Rows } from '../pg-boss.js';
import { startThread } from '../start-thread.js';
import type { Equipment, Executed, FromDatabase, ToDatabase } from './protocol.js';

/** How long a database may take to close, in ms. What it has said to have kept is kept all the same. */
const PATIENCE = 10_000;

/** Who is told what. */
export interface DatabaseTold {
  readonly heard: (channel: string, text: string) => void;
  /** It has ended, and nobody has asked it to. */
  readonly died: (error: Error) => void;
}

interface Pending {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread with a database, as the main thread has it. */
export class DatabaseThread {
  readonly opened: Promise<void>;
  readonly #dataDir: string;
  readonly #told: DatabaseTold;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #gone: Promise<void>;
  #settle!: { open: () => void; refuse: (error: unknown) => void };
  #lastId = 0;
  #error: unknown;
  #isOver = false;
  #isAsked = false;

  constructor(dataDir: string, told: DatabaseTold) {
    this.#dataDir = dataDir;
    this.#told = told;
    const equipment: Equipment = { dataDir };
    this.#worker = startThread('#database-thread', equipment);
    this.opened = new Promise((open, refuse) => (this.#settle = { open, refuse }));
    this.#worker.on('message', (said: FromDatabase) => {
      this.#hear(said);
    });
    this.#worker.on('error', (error) => (this.#error = error));
    this.#gone = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#leave();
        resolve();
      });
    });
  }

  execute(text: string, values?: unknown[]): Promise<Rows> {
    return new Promise<Rows>((resolve, reject) => {
      if (this.#isOver) throw this.#toError();
      const id = ++this.#lastId;
      this.post({ type: 'execute', id, text, ...(values && { values }) });
      this.#pending.set(id, { resolve, reject });
    });
  }

  post(asked: ToDatabase): void {
    this.#worker.postMessage(asked);
  }

  terminate(): void {
    void this.#worker.terminate();
  }

  /** Resolves when it's closed, and the thread is gone. */
  async close(): Promise<void> {
    this.#isAsked = true;
    this.post({ type: 'close' });
    const limit = asyncScheduler.schedule(() => void this.#worker.terminate(), PATIENCE);
    await this.#gone;
    limit.unsubscribe();
  }

  #hear(said: FromDatabase): void {
    switch (said.type) {
      case 'open':
        this.#settle.open();
        break;
      case 'refused':
        this.#isAsked = true;
        this.#settle.refuse(decodeError(said.error));
        void this.#worker.terminate();
        break;
      case 'heard':
        this.#told.heard(said.channel, said.text);
        break;
      case 'executed':
        this.#take(said.id)?.resolve({ rows: said.results.flatMap(parse) });
        break;
      case 'failed':
        this.#take(said.id)?.reject(decodeError(said.error));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #leave(): void {
    this.#isOver = true;
    const error = this.#toError();
    this.#settle.refuse(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    if (!this.#isAsked) this.#told.died(error);
  }

  #toError(): Error {
    const of = `the database in "${this.#dataDir}"`;
    if (this.#isAsked) return new RxvisorError(`${of} is closed`);
    const why = this.#error === undefined ? '' : ` of ${show(this.#error)}`;
    return new BackendDownError(`${of} has died${why}, and is opened again`);
  }
}

function parse({ rows, json }: Executed): Rows['rows'] {
  if (json.length === 0) return rows;
  return rows.map((row) => {
    const parsed = { ...row };
    for (const name of json) {
      const text = row[name];
      if (typeof text === 'string') parsed[name] = JSON.parse(text);
    }
    return parsed;
  });
}
