import { performance } from 'node:perf_hooks';
import type { Seats } from '../seats.js';

/** For how long a thread sleeps at most, in ms. Shorter, and setting the clock costs more than is won. */
const NAP = 5;
/** For how long it may hold up its event loop, in ms. */
const SLICE = 5;

/** Whom the thread works for. */
interface Employer<M> {
  readonly isIdle: boolean;
  receive(message: M): void;
}

/**
 * Has a thread that is done stay at the desk for a moment: who calls one after the other calls again at
 * once. It sleeps, and is woken by the bell, for half the price of a turn of the event loop, which the
 * port would need. It doesn't spin.
 *
 * Timers and I/O of its modules wait meanwhile: for a nap, and one slice if it's called again and again.
 */
export class Linger<M> {
  readonly #bell: Pick<Seats, 'rings' | 'sleep'>;
  readonly #take: () => { readonly message: M } | undefined;
  readonly #employer: Employer<M>;
  readonly #now: () => number;
  #turnedAt = -Infinity;

  /** @param take  Takes the next message, if there is one. */
  constructor(
    bell: Pick<Seats, 'rings' | 'sleep'>,
    take: () => { readonly message: M } | undefined,
    employer: Employer<M>,
    now: () => number = () => performance.now(),
  ) {
    this.#bell = bell;
    this.#take = take;
    this.#employer = employer;
    this.#now = now;
  }

  /** The event loop has turned. */
  turned(): void {
    this.#turnedAt = this.#now();
  }

  /** Waits for what comes next, if there's nothing else to be done. */
  stay(): void {
    while (this.#employer.isIdle && this.#now() - this.#turnedAt < SLICE) {
      // Heard before the messages are taken, so that none that comes later is slept through.
      const heard = this.#bell.rings;
      const taken = this.#take();
      if (taken) this.#employer.receive(taken.message);
      else if (!this.#bell.sleep(heard, NAP)) return;
    }
  }
}
