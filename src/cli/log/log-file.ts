import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import { show } from '../../show.js';
import type { Target } from './target.js';

/**
 * A file that lines are appended to, each at once, so that none is lost however the process ends. It
 * survives rotation: when its path leads to another file, or to none, it's opened anew.
 */
export class LogFile implements Target {
  readonly isFile = true;
  readonly #path: string;
  readonly #warn: (text: string) => void;
  #descriptor: number;
  /** Whether the last line could not be written, and whether only half of it was. */
  #failing = false;
  #torn = false;

  /**
   * @param warn  Told once when nothing can be written any more, until it can again.
   * @throws {@link UsageError} if it can't be opened.
   */
  constructor(path: string, warn: (text: string) => void) {
    this.#path = path;
    this.#warn = warn;
    try {
      this.#descriptor = openSync(path, 'a');
    } catch (cause) {
      throw new UsageError(`option --log-target can't be opened: ${show(cause)}`, { cause });
    }
  }

  write(line: string): void {
    try {
      if (this.#isMoved()) this.#reopen();
      this.#append(`${this.#torn ? '\n' : ''}${line}\n`);
      this.#failing = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** After the file has been moved: what comes goes to a new one. */
  reopen(): void {
    try {
      this.#reopen();
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #isMoved(): boolean {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    const here = fstatSync(this.#descriptor);
    return there?.ino !== here.ino || there.dev !== here.dev;
  }

  #reopen(): void {
    const next = openSync(this.#path, 'a');
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#torn = false;
  }

  /** The system may take less than it's given. */
  #append(text: string): void {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      const written = writeSync(this.#descriptor, rest);
      rest = rest.subarray(written);
      this.#torn = rest.length > 0;
    }
  }

  #fail(error: unknown): void {
    if (!this.#failing) this.#warn(`lines of the log are lost: ${show(error)}`);
    this.#failing = true;
  }
}
