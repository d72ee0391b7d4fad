import { threaded } from '../../../src/task/threaded.js';
import type { ThreadedPayload } from '../../../src/task/threaded-payload.js';
import type { Connect, Listener, Wire } from '../../../src/thread/outside/line.js';
import { type Said, isBatch } from '../../../src/thread/outbox.js';
import {
  CANCEL,
  CLOSE,
  CREDIT,
  DEFINE,
  ENTER,
  type FromThread,
  HELLO,
  RESULT,
  type ToThread,
} from '../../../src/thread/protocol.js';
import { Seats } from '../../../src/thread/seats.js';
import { Consumer } from '../../properties/thread-consumer.js';

interface Work {
  readonly run: (...args: unknown[]) => unknown;
  readonly other: () => unknown;
}

export const work = threaded<Work>('file:///app/work.js', { window: 4 });

/** An attempt that takes values for as long as there is demand. */
export const toConsumer = (
  payload: ThreadedPayload = work.run('a'),
  { name = 'web', demand = Infinity } = {},
): Consumer => new Consumer(name, payload, demand);

const NAMES: Record<number, string> = {
  [DEFINE]: 'define',
  [ENTER]: 'enter',
  [CREDIT]: 'credit',
  [CANCEL]: 'cancel',
  [CLOSE]: 'close',
};

/** What has been posted to a thread, in words: `enter 1`. */
export const tell = (messages: readonly ToThread[]): string[] =>
  messages.map(([kind, about]) => [NAMES[kind], ...(about === undefined ? [] : [about])].join(' '));

/** Resolves when what is armed for the end of this tick has been done, and what follows of that. */
export const endOfTick = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** A line to nobody: what is posted is kept, what a thread would say is said by the spec. */
export class StubLine implements Wire {
  readonly posted: ToThread[] = [];
  readonly lists: unknown[] = [];
  readonly listener: Listener;
  readonly seats: Seats;
  terminated = 0;
  isGone = false;
  readonly #whenGone: (() => void)[] = [];

  constructor(seats: Int32Array, listener: Listener) {
    this.seats = new Seats(seats);
    this.listener = listener;
  }

  post(said: Said<ToThread>, transferList: readonly unknown[]): void {
    structuredClone(said);
    this.posted.push(...(isBatch(said) ? said : [said]));
    this.lists.push(...transferList);
  }

  terminate(): Promise<void> {
    this.terminated++;
    return this.#gone();
  }

  exited(): Promise<void> {
    return this.#gone();
  }

  get told(): string[] {
    return tell(this.posted);
  }

  /** What it has been given, by id. */
  get entered(): number[] {
    return this.posted.flatMap((message) => (message[0] === ENTER ? [message[1]] : []));
  }

  /** It has taken up what it was given, as a thread does. */
  take(id: number): boolean {
    const message = this.posted.find((each) => each[0] === ENTER && each[1] === id);
    if (message?.[0] !== ENTER) throw new Error(`it was never given ${id}`);
    return this.seats.take(message[2], id);
  }

  say(...messages: FromThread[]): void {
    this.listener.receive(messages);
    this.listener.drained();
  }

  hello(): void {
    this.say([HELLO]);
  }

  /** It takes something up, and that is over. */
  finish(id: number, value: unknown = 'a'): void {
    this.take(id);
    this.say([RESULT, id, value]);
  }

  die(exitCode = 1, stderr = ''): void {
    if (this.isGone) return;
    this.isGone = true;
    this.listener.gone(exitCode, 7, stderr);
    for (const resolve of this.#whenGone) resolve();
  }

  #gone(): Promise<void> {
    if (this.isGone) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenGone.push(resolve);
    });
  }
}

/** Makes lines to nobody, and keeps them. */
export function toLines(): { readonly lines: StubLine[]; readonly connect: Connect } {
  const lines: StubLine[] = [];
  return {
    lines,
    connect: (_settings, seats, listener) => {
      const line = new StubLine(seats, listener);
      lines.push(line);
      return line;
    },
  };
}
