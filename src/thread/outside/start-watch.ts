import { clearTimeout, setTimeout } from 'node:timers';

/** Watches over what may take long only once: the start of a thread, and of each module in it. */
export class StartWatch {
  readonly #timeout: number;
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout  In ms. */
  constructor(timeout: number, expired: () => void) {
    this.#timeout = timeout;
    this.#expired = expired;
  }

  begin(): void {
    this.end();
    // It keeps no process alive.
    this.#timer = setTimeout(this.#expired, this.#timeout).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
