import { log as debugLog } from '../../log.js';
import type { Runner } from '../../runner/runner.js';
import { peek } from '../../show.js';
import type { Log } from '../log/log.js';
import { sayRefusal } from '../say-refusal.js';

const debug = debugLog('cli');

/** Modules that are loaded while their daemon runs. One that can't be ends it, and is told. */
export class Loading {
  /** Resolves when all are there, and what they export is adopted; never, if that fails. */
  readonly loaded: Promise<void>;
  /** Whether one couldn't be loaded, or there was nothing to run. */
  isRefused = false;
  readonly #runner: Runner;
  readonly #log: Log;
  #hasLoaded: () => void = () => undefined;

  constructor(runner: Runner, log: Log) {
    this.#runner = runner;
    this.#log = log;
    this.loaded = new Promise((resolve) => (this.#hasLoaded = resolve));
  }

  /** Resolves when it's over, however it ends. */
  async follow(adopting: Promise<void>): Promise<void> {
    try {
      await adopting;
      if (this.#runner.state === 'running') this.#hasLoaded();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    const { state } = this.#runner;
    // Whatever goes wrong with a module that nobody waits for any more.
    if (state !== 'running') {
      debug('not loaded, while the runner is %s: %O', state, error);
      return;
    }
    this.isRefused = true;
    this.#log.say('error', sayRefusal(error));
    // Whatever it is: a module may throw undefined.
    const hasCause = Object.hasOwn(Object(error) as object, 'cause');
    const cause = peek(error, 'cause');
    void this.#runner.shutdown(hasCause ? { type: 'failure', cause } : { type: 'idle' });
  }
}
