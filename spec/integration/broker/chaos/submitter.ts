import { setTimeout as sleep } from 'node:timers/promises';
import type { SubmitOptions } from 'rxvisor';
import type { BrokerTaskBackend } from 'rxvisor/broker';
import { within } from '../within.js';
import type { Random } from './random.js';

/** How long a submission may take, in ms. */
const PATIENCE = 20_000;

interface Wanted {
  readonly ms: number;
  readonly fails: number;
  readonly options: SubmitOptions;
}

interface Load {
  readonly count: number;
  /** In ms per job. */
  readonly pace: number;
  /** Each one of how many has a key. */
  readonly keyed: number;
}

/** Submits jobs of all kinds, each until it has been accepted. */
export class Submitter {
  /** Of the jobs that were accepted. */
  readonly accepted: string[] = [];
  /** Why others were not. */
  readonly refusals: unknown[] = [];
  readonly #backend: BrokerTaskBackend;
  readonly #random: Random;
  /** Of all submitters: no two submissions have the same number, so that it's known which is which. */
  readonly #next: () => number;

  constructor(backend: BrokerTaskBackend, random: Random, next: () => number) {
    this.#backend = backend;
    this.#random = random;
    this.#next = next;
  }

  /** Resolves when all have been accepted. */
  async submit({ count, pace, keyed }: Load): Promise<void> {
    const accepted: Promise<void>[] = [];
    while (accepted.length < count) {
      const several = Math.min(this.#random.between(1, 9), count - accepted.length);
      for (let i = 0; i < several; i++) {
        const n = accepted.length;
        accepted.push(this.#submit(n % keyed === 0 ? toKeyed(n) : toJob(this.#random)));
      }
      await sleep(pace * several);
    }
    await Promise.all(accepted);
  }

  async #submit({ ms, fails, options }: Wanted): Promise<void> {
    for (;;) {
      try {
        // What was refused may be there, all the same: so it's another one.
        const { group } = options;
        const job = { type: 'chaos', n: this.#next(), ms, fails, ...(group && { group }) };
        const accepted = this.#backend.submit(job, options);
        this.accepted.push(await within(PATIENCE, accepted, 'a submission'));
        return;
      } catch (error) {
        this.refusals.push(error);
        await sleep(200);
      }
    }
  }
}

/** Both submitters submit it, one so soon after the other that it still waits. */
const toKeyed = (n: number): Wanted => ({
  ms: 10,
  fails: 0,
  options: { key: `${n}`, delay: 2_000 },
});

/** Some have none. */
const GROUPS = ['a', 'b', 'c', ''];

/** Most are short, some fail at first, some are for later. */
function toJob(random: Random): Wanted {
  const ms = random.isOnceIn(8) ? random.between(200, 1_500) : random.between(0, 30);
  const fails = random.isOnceIn(10) ? random.between(1, 2) : 0;
  const again: SubmitOptions = fails > 0 ? { backoff: () => 500, maxRestarts: 20 } : {};
  const delay = random.isOnceIn(20) ? random.between(500, 3_000) : 0;
  const priority = random.isOnceIn(10) ? 1 : 0;
  const group = random.oneOf(GROUPS);
  return { ms, fails, options: { ...again, delay, priority, ...(group && { group }) } };
}
