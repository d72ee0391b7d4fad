import type { StopReason } from '../../../src/report.js';
import type { Order, Voice } from '../../../src/thread/inside/voice.js';
import type { AnyFunction } from '../../../src/task/shapes.js';

/** What has been said of attempts: `['value', 1, 'a']`, in order. */
export class FakeVoice implements Voice {
  readonly said: (readonly [what: string, id: number, ...unknown[]])[] = [];
  hurried = 0;
  /** Called with what is said, as it's said. */
  onSay: (what: string) => void = () => undefined;

  ready(id: number): void {
    this.#say('ready', id);
  }
  value(id: number, value: unknown): void {
    this.#say('value', id, value);
  }
  result(id: number, value: unknown): void {
    this.#say('result', id, value);
  }
  completed(id: number): void {
    this.#say('completed', id);
  }
  failed(id: number, error: unknown, ...asked: [asked?: StopReason]): void {
    this.#say('failed', id, error, ...asked.filter((reason) => reason !== undefined));
  }
  over(id: number, errors: readonly unknown[]): void {
    this.#say('over', id, ...errors);
  }
  hurry(): void {
    this.hurried++;
  }

  #say(what: string, id: number, ...more: unknown[]): void {
    this.said.push([what, id, ...more]);
    this.onSay(what);
  }

  /** The same without the ids, and `result` as what it stands for. */
  get course(): readonly (readonly unknown[])[] {
    return this.said.flatMap(([what, , ...more]) =>
      what === 'result' ? [['value', ...more], ['over']] : [[what, ...more]],
    );
  }
}

export const toOrder = (payload: AnyFunction, order: Partial<Order> = {}): Order => ({
  id: 1,
  payload,
  args: [],
  task: 'web',
  attempt: 2,
  window: 4,
  overflow: 'error',
  ...order,
});
