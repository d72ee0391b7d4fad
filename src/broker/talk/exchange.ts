import { asyncScheduler } from 'rxjs';
import { type Message, MOST_IDS, Parts, toTexts } from './messages.js';

/** Where texts are said to all the others. */
interface Speaker {
  sayAll(texts: readonly string[]): Promise<void>;
}

type Hearer<T extends Message['type']> = (message: Extract<Message, { type: T }>) => void;

/** Says messages to the other backends, those of one turn of the event loop together, and hears theirs. */
export class Exchange {
  readonly #speaker: Speaker;
  readonly #failed: (error: unknown) => void;
  readonly #parts = new Parts();
  readonly #hearers = new Map<string, (message: Message) => void>();
  /** Ids that are told in as few messages as possible, by what is said of them and to whom. */
  readonly #settled = new Map<string, string[]>();
  readonly #progress = new Map<string, { readonly values: unknown[]; isOver?: boolean }>();
  #waiting: Message[] = [];
  #isArmed = false;
  #speaking: Promise<void> = Promise.resolve();

  constructor(speaker: Speaker, failed: (error: unknown) => void) {
    this.#speaker = speaker;
    this.#failed = failed;
  }

  on<T extends Message['type']>(type: T, hearer: Hearer<T>): void {
    this.#hearers.set(type, hearer as (message: Message) => void);
  }

  say(message: Message): void {
    this.#waiting.push(message);
    this.#arm();
  }

  saySettled(to: string, id: string): void {
    const ids = this.#settled.get(to) ?? [];
    this.#settled.set(to, ids);
    ids.push(id);
    this.#arm();
  }

  sayProgress(id: string, value: unknown): void {
    this.#progressOf(id).values.push(value);
    this.#arm();
  }

  sayOver(id: string): void {
    this.#progressOf(id).isOver = true;
    this.#arm();
  }

  /** Anybody may say anything there: what isn't understood is nobody's business. */
  heard(text: string): void {
    try {
      const message = this.#parts.join(text);
      if (message) this.#hearers.get(message.type)?.(message);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Says what waits to be said, after what is being said: connections don't wait for each other. */
  flush(): Promise<void> {
    return (this.#speaking = this.#speaking.then(() => this.#speak()));
  }

  async #speak(): Promise<void> {
    this.#isArmed = false;
    for (const [to, ids] of this.#settled) {
      for (const some of inSlices(ids)) this.#waiting.push({ type: 'settled', to, ids: some });
    }
    this.#settled.clear();
    for (const [id, said] of this.#progress) this.#waiting.push({ type: 'progress', id, ...said });
    this.#progress.clear();
    const texts = this.#waiting.flatMap(toTexts);
    this.#waiting = [];
    if (texts.length > 0) await this.#speaker.sayAll(texts).catch(this.#failed);
  }

  #progressOf(id: string): { readonly values: unknown[]; isOver?: boolean } {
    const said = this.#progress.get(id) ?? { values: [] };
    this.#progress.set(id, said);
    return said;
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    asyncScheduler.schedule(() => void this.flush());
  }
}

/** As many ids as fit. */
export function inSlices(ids: readonly string[]): string[][] {
  const slices: string[][] = [];
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    slices.push(ids.slice(from, from + MOST_IDS));
  }
  return slices;
}
