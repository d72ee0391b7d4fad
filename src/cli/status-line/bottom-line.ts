import { type SchedulerLike, asapScheduler } from 'rxjs';

/** What tells when something happens. */
export interface Emitter {
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** What is needed of `process.stderr`, and of other streams to the same terminal. */
export interface Terminal extends Emitter {
  readonly columns?: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- three overloads, all passed on
  write: (...args: any[]) => boolean;
}

/** Erases the line of the terminal on which something has been written last. */
export const ERASE = '\r\u001b[2K';
/** Of a terminal that doesn't say. */
const USUAL_COLUMNS = 80;
/** A line end, and colours switched off after it. */
// eslint-disable-next-line no-control-regex -- escapes are what it looks for
const LINE_END = /\n(?:\u001b\[[\d;]*m)*$/;

/**
 * One line at the bottom of a terminal, under whatever is written to it: before anything else is
 * written the line is erased, after it (when the line of the other has ended) drawn again, once for
 * all that is written in one go. So it takes over `write` of the streams, until it's closed.
 *
 * What writes to the terminal past them, as a child process may, it doesn't know of.
 */
export class BottomLine {
  readonly #terminal: Terminal;
  readonly #scheduler: SchedulerLike;
  readonly #restore: (() => void)[] = [];
  readonly #draw: (text: string) => void;
  #text = '';
  /** Whether it's to be seen now. */
  #isDrawn = false;
  /** Whether somebody has written something without ending the line. */
  #isCut = false;
  #isAwaited = false;

  /**
   * @param terminal  What the line is written to.
   * @param others    What else leads to the same terminal.
   * @param ending    What emits `exit`. @default process
   * @param scheduler When it's drawn again. @default asapScheduler
   */
  constructor(
    terminal: Terminal,
    others: readonly Terminal[] = [],
    ending: Emitter = process,
    scheduler: SchedulerLike = asapScheduler,
  ) {
    this.#terminal = terminal;
    this.#scheduler = scheduler;
    const { write } = terminal;
    this.#draw = (text) => {
      write.call(terminal, text);
    };
    for (const stream of new Set([terminal, ...others])) this.#takeOver(stream);
    this.#listen(terminal, 'resize', () => {
      if (this.#isDrawn) this.#redraw();
    });
    this.#listen(ending, 'exit', () => {
      this.close();
    });
  }

  /** Shows another text, cut to the width of the terminal. */
  show(text: string): void {
    this.#text = text;
    if (!this.#isCut) this.#redraw();
  }

  /** Erases it, for good, and lets go of the streams. */
  close(): void {
    this.#text = '';
    this.#erase();
    for (const restore of this.#restore.splice(0)) restore();
  }

  #redraw(): void {
    this.#draw((this.#isDrawn ? ERASE : '') + cut(this.#text, this.#terminal.columns));
    this.#isDrawn = true;
  }

  #erase(): void {
    if (this.#isDrawn) this.#draw(ERASE);
    this.#isDrawn = false;
  }

  #takeOver(stream: Terminal): void {
    const { write } = stream;
    const isOwn = Object.hasOwn(stream, 'write');
    const taken = (...args: unknown[]) => {
      const written = args[0] as string | Uint8Array;
      if (written.length === 0 || this.#restore.length === 0) return write.apply(stream, args);
      this.#erase();
      this.#isCut = !endsLine(written);
      this.#drawSoon();
      return write.apply(stream, args);
    };
    stream.write = taken;
    this.#restore.push(() => {
      // Somebody else has taken it over after us: theirs stays, and ours passes on.
      if (stream.write !== taken) return;
      if (isOwn) stream.write = write;
      else Reflect.deleteProperty(stream, 'write');
    });
  }

  #drawSoon(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#scheduler.schedule(() => {
      this.#isAwaited = false;
      if (!this.#isCut && !this.#isDrawn && this.#text) this.#redraw();
    });
  }

  #listen(source: Emitter, event: string, listener: () => void): void {
    source.on(event, listener);
    this.#restore.push(() => {
      source.off(event, listener);
    });
  }
}

const endsLine = (written: string | Uint8Array) =>
  LINE_END.test(typeof written === 'string' ? written : new TextDecoder().decode(written));

/** The last column stays free, so that no terminal goes on to the next line. */
function cut(text: string, columns = 0): string {
  const width = (columns > 0 ? columns : USUAL_COLUMNS) - 1;
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return [...characters.slice(0, Math.max(0, width - 1)), '…'].slice(0, width).join('');
}
