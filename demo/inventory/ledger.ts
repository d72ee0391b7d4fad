import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from './outbox.js';

/** What is in the ledger of one run. */
export interface Totals {
  readonly batches: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * The findings of all runs in a folder: a file for each run, a line for each batch. It may be told of a
 * batch twice, for a job whose process is killed is done again; it's counted once.
 */
export class Ledger {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  pathOf(run: string): string {
    return join(this.#folder, `${run}.ndjson`);
  }

  async enter(run: string, batch: Batch): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    // The end of the line comes first: the one before may have been cut off.
    await appendFile(this.pathOf(run), `\n${JSON.stringify(batch)}`);
  }

  async total(run: string): Promise<Totals> {
    const batches = await this.#read(run);
    const files = batches.flatMap((batch) => batch.files);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    return { batches: batches.length, files: files.length, bytes };
  }

  async #read(run: string): Promise<Batch[]> {
    const byId = new Map<number, Batch>();
    for (const line of (await this.#textOf(run)).split('\n')) {
      const batch = toBatch(line);
      if (batch) byId.set(batch.id, batch);
    }
    return [...byId.values()];
  }

  async #textOf(run: string): Promise<string> {
    try {
      return await readFile(this.pathOf(run), 'utf8');
    } catch (error) {
      // Nothing has been entered yet.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }
}

/** Nothing, if it's a line that was cut off. */
function toBatch(line: string): Batch | undefined {
  try {
    return JSON.parse(line) as Batch;
  } catch {
    return undefined;
  }
}
