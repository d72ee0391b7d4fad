import { clearTimeout, setImmediate } from 'node:timers';
import { startTimer } from './start-timer.js';

/** Watches over what may take long only once: the start of a thread, and of each module in it. */
export class StartWatch {
  readonly #timeout: number;
  readonly #expired: () => void;
  #starting = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout  In ms. */
  constructor(timeout: number, expired: () => void) {
    this.#timeout = timeout;
    this.#expired = expired;
  }

  begin(): void {
    this.#starting++;
    clearTimeout(this.#timer);
    this.#timer = startTimer(this.#look, this.#timeout);
  }

  /** The main thread may have been busy: what has come meanwhile is heard first. */
  readonly #look = (): void => {
    const timer = this.#timer;
    setImmediate(() => {
      if (this.#starting > 0 && this.#timer === timer) this.#expired();
    });
  };

  /** One of those that are under way has started. */
  end(): void {
    if (--this.#starting <= 0) this.stop();
  }

  stop(): void {
    this.#starting = 0;
    clearTimeout(this.#timer);
  }
}
