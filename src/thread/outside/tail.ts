import type { Readable } from 'node:stream';

/** How much is kept of what a thread has written, in characters and in lines. */
const LENGTH = 4_096;
const LINES = 20;

/** Keeps the last lines that a thread has written to its stderr: they may say what it died of. */
export class Tail {
  #text = '';

  constructor(stderr: Readable) {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-LENGTH);
    });
  }

  get lines(): string {
    return this.#text.trimEnd().split('\n').slice(-LINES).join('\n');
  }
}
