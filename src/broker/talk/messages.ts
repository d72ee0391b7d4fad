import { randomUUID } from 'node:crypto';

// What backends say to each other, by NOTIFY on one channel of their schema: everybody hears everything.
// It may be lost, and holds 8,000 bytes, so nothing depends on it: each is a hint to look at the database
// now and not at the next poll. Only `progress` says what isn't kept, and is known to be lossy.
//
//   submitter                        database                       whoever does it
//       │ ── submit, execute ──────────▶ job ──────── claimed ──────────▶ │
//       │                                                                 │
//       │ ◀─ values ───────────────── rxvisor_value ◀─── written ──────── │  of `execute` only
//       │ ── cancel ───────────────────────────────────────────────────▶ │  and at the poll
//       │ ── watch ────────────────────────────────────────────────────▶ │  again and again
//       │ ◀──────────────────────────────────────────────── progress ─── │  while it's watched
//       │ ◀─ settled ───────────────── job ◀───── completed, failed ───── │

/** Jobs that are over, to the one that has submitted them. */
export interface SettledMessage {
  readonly type: 'settled';
  readonly to: string;
  readonly ids: readonly string[];
}

/** Something has been kept of what the jobs of an `execute` have emitted, to the one that is subscribed. */
export interface ValuesMessage {
  readonly type: 'values';
  readonly to: string;
}

/** Jobs that run have been cancelled, to whoever does them: why is in the database. */
export interface CancelMessage {
  readonly type: 'cancel';
  readonly ids: readonly string[];
}

/** Somebody watches some jobs, to whoever does them: said again every two seconds for as long as it's so. */
export interface WatchMessage {
  readonly type: 'watch';
  readonly ids: readonly string[];
}

/** What a job has emitted just now, to whoever watches it. */
export interface ProgressMessage {
  readonly type: 'progress';
  readonly id: string;
  readonly values: readonly unknown[];
  /** Whether it's over with that. */
  readonly isOver?: boolean;
}

/** A part of a message that is too long to be said at once. */
interface Part {
  readonly type: 'part';
  readonly of: string;
  readonly n: number;
  readonly count: number;
  readonly text: string;
}

export type Message =
  SettledMessage | ValuesMessage | CancelMessage | WatchMessage | ProgressMessage;

/** How many bytes fit: less than 8,000. In a part, JSON in JSON, a character may take seven. */
const MOST_BYTES = 7_900;
const MOST_CHARACTERS = 1_000;
/** How many ids fit into one message. */
export const MOST_IDS = 150;
/** How many messages of which parts are missing are remembered: some may never come. */
const MOST_UNFINISHED = 100;

/** Splits what is too long. */
export function toTexts(message: Message): string[] {
  const text = JSON.stringify(message);
  if (Buffer.byteLength(text) <= MOST_BYTES) return [text];
  const of = randomUUID();
  const count = Math.ceil(text.length / MOST_CHARACTERS);
  return Array.from({ length: count }, (_, n) => {
    const part = text.slice(n * MOST_CHARACTERS, (n + 1) * MOST_CHARACTERS);
    return JSON.stringify({ type: 'part', of, n, count, text: part } satisfies Part);
  });
}

/** Puts together what was split. */
export class Parts {
  readonly #unfinished = new Map<string, string[]>();

  /** @returns A message, if there's a whole one now. */
  join(text: string): Message | undefined {
    const said = JSON.parse(text) as Message | Part;
    if (said.type !== 'part') return said;
    const { of, n, count } = said;
    const texts = this.#unfinished.get(of) ?? [];
    texts[n] = said.text;
    this.#unfinished.set(of, texts);
    const [oldest] = this.#unfinished.keys();
    if (this.#unfinished.size > MOST_UNFINISHED && oldest) this.#unfinished.delete(oldest);
    // The last one comes last, and sooner than others that were lost.
    if (n < count - 1) return undefined;
    this.#unfinished.delete(of);
    if (Object.keys(texts).length < count) return undefined;
    return JSON.parse(texts.join('')) as Message;
  }
}
