import { BackendClosedError } from '../../errors.js';
import type { Database, Listener, Listening } from '../database.js';
import type { Beating, Touch } from '../heartbeats/beat.js';
import type { Rows } from '../pg-boss.js';
import { DataFolder } from './data-folder.js';
import { DatabaseThread } from './database-thread.js';

/** What is to go on when the thread is another one. */
interface Kept {
  readonly listeners: Map<Listener, readonly string[]>;
  readonly beats: Map<number, { readonly touch: Touch; readonly pages: Int32Array[] }>;
}

/**
 * A PostgreSQL within this process: PGlite, on a thread of its own, so that the main one never waits for
 * it. What it has kept survives the end of the process, by `kill -9`, too; a power cut it may not, for
 * nothing is ever synced to the disk. It's for one process, which holds a lock beside the folder; the
 * lock is as good as process ids are: a folder must not be shared by machines or containers.
 */
export class EmbeddedDatabase implements Database {
  readonly isEmbedded = true;
  readonly #folder: DataFolder;
  readonly #kept: Kept = { listeners: new Map(), beats: new Map() };
  #opening: Promise<DatabaseThread> | undefined;
  /** The one that is open. */
  #thread: DatabaseThread | undefined;
  #lastBeat = 0;
  /** Whether its listeners have been told so. */
  #isLost = false;
  #isClosed = false;

  private constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  /**
   * @param dataDir  A folder, which is made if it isn't there; or `memory://`.
   * @throws {@link InvalidOptionError} if a process has it open, and {@link MissingPackageError}
   */
  static async open(dataDir: string): Promise<EmbeddedDatabase> {
    const folder = DataFolder.take(dataDir);
    const database = new EmbeddedDatabase(folder);
    try {
      await database.#open();
      return database;
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  async executeSql(text: string, values?: unknown[]): Promise<Rows> {
    const thread = this.#thread ?? (await this.#open());
    return thread.execute(text, values);
  }

  /** It does as soon as it's open. */
  answersWithin(): Promise<void> {
    return Promise.resolve();
  }

  /** It's in this process, and ends with its thread. */
  abandon(): void {
    this.terminate();
  }

  async listen(channels: readonly string[], listener: Listener): Promise<Listening> {
    this.#kept.listeners.set(listener, channels);
    for (const channel of channels) await this.executeSql(`LISTEN "${channel}"`);
    return {
      close: () => {
        this.#kept.listeners.delete(listener);
      },
    };
  }

  beat(touch: Touch): Beating {
    const beat = ++this.#lastBeat;
    const pages: Int32Array[] = [];
    this.#kept.beats.set(beat, { touch, pages });
    this.#thread?.post({ type: 'beat', beat, touch });
    return {
      add: (page) => {
        pages.push(page);
        this.#thread?.post({ type: 'page', beat, page });
      },
      stop: () => {
        this.#kept.beats.delete(beat);
        this.#thread?.post({ type: 'still', beat });
        return Promise.resolve();
      },
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = await this.#opening?.catch(() => undefined);
    await thread?.close();
    this.#folder.release();
  }

  /** Ends its thread, as if that had died. */
  terminate(): void {
    this.#thread?.terminate();
  }

  #open(): Promise<DatabaseThread> {
    return (this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  async #start(): Promise<DatabaseThread> {
    if (this.#isClosed) throw new BackendClosedError();
    const thread = new DatabaseThread(this.#folder.path, {
      heard: (channel, text) => {
        for (const [listener, channels] of this.#kept.listeners) {
          if (channels.includes(channel)) listener.heard(channel, text);
        }
      },
      died: (error) => {
        this.#died(error);
      },
    });
    await thread.opened;
    this.#folder.filled();
    for (const channel of new Set([...this.#kept.listeners.values()].flat())) {
      await thread.execute(`LISTEN "${channel}"`);
    }
    for (const [beat, { touch, pages }] of this.#kept.beats) {
      thread.post({ type: 'beat', beat, touch });
      for (const page of pages) thread.post({ type: 'page', beat, page });
    }
    this.#thread = thread;
    if (this.#isLost) {
      this.#isLost = false;
      for (const listener of this.#kept.listeners.keys()) listener.missed();
    }
    return thread;
  }

  #died(error: Error): void {
    if (!this.#thread) return;
    this.#thread = undefined;
    this.#opening = undefined;
    this.#isLost = true;
    for (const listener of this.#kept.listeners.keys()) listener.lost(error);
    // If it can't be opened, it's tried again when it's next asked for something.
    this.#open().catch(() => undefined);
  }
}
