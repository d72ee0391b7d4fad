import { pbkdf2Sync } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { type TaskContext, service } from 'rxvisor';

/** Keeps a core busy for as long as it lives, and says in shared memory how far it is. */
@service({ flavour: 'thread', module: import.meta.url, awaitReady: true })
export class Hasher {
  /** The thread that this instance has been made in. */
  readonly thread: number = threadId;
  readonly #rounds: number;
  readonly #said: Int32Array;

  constructor(rounds: number, said: Int32Array) {
    this.#rounds = rounds;
    this.#said = said;
  }

  async run({ signal, ready, onTeardown }: TaskContext): Promise<void> {
    onTeardown(() => Atomics.store(this.#said, 2, 1));
    Atomics.store(this.#said, 0, this.thread);
    ready();
    while (!signal.aborted) {
      pbkdf2Sync('secret', 'salt', this.#rounds, 64, 'sha512');
      Atomics.add(this.#said, 1, 1);
      await setImmediate(); // its turn to hear of an end
    }
  }
}
