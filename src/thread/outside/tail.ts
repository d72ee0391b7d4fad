import type { Readable } from 'node:stream';

/** How much is kept of what a thread has written, in characters and in lines. */
const LENGTH = 4_096;
const LINES = 20;

/** Passes on what a thread writes to its stderr, and keeps the last lines: they may say what it died of. */
export class Tail {
  #text = '';

  constructor(stderr: Readable, to: Pick<NodeJS.WritableStream, 'write'> = process.stderr) {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      to.write(text);
      this.#text = (this.#text + text).slice(-LENGTH);
    });
  }

  get lines(): string {
    return this.#text.trimEnd().split('\n').slice(-LINES).join('\n');
  }
}
