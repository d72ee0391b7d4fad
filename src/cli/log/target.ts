import type { Writable } from 'node:stream';

/** Where lines go. Writing never throws. */
export interface Target {
  readonly isFile: boolean;
  /**
   * @param line     Without its end.
   * @param isVital  Whether it is to be kept even for a reader that doesn't read. @default false
   */
  write(line: string, isVital?: boolean): void;
}

/** How many bytes may wait for a reader that doesn't read. */
const BACKLOG = 16 * 1024 * 1024;

/**
 * Lines to a standard stream. Nobody may be there any more to read them, or nobody may read: the lines
 * are dropped then, and the daemon goes on.
 */
export class StreamTarget implements Target {
  readonly isFile = false;
  readonly #stream: Writable;
  readonly #sayDropped: (count: number) => string;
  #dropped = 0;

  /** @param sayDropped  Makes the line which says how many there were, when there's somebody again. */
  constructor(stream: Writable, sayDropped: (count: number) => string) {
    this.#stream = stream;
    this.#sayDropped = sayDropped;
  }

  write(line: string, isVital = false): void {
    if (!isVital && this.#stream.writableLength > BACKLOG) {
      this.#dropped++;
      return;
    }
    this.close();
    this.#stream.write(`${line}\n`);
  }

  /** Says how many were dropped, if that has not been said: there may be nothing to write any more. */
  close(): void {
    if (this.#dropped > 0) this.#stream.write(`${this.#sayDropped(this.#dropped)}\n`);
    this.#dropped = 0;
  }
}
