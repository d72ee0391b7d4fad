import { RestartLimitError, type StopRestarting } from '../errors.js';
import { LONGEST_DELAY } from '../schedulers/alarm.js';
import { peek } from '../show.js';
import type { Backoff, Restart, RestartOptions } from '../task/shapes.js';
import { exponential } from './backoff.js';
import { RestartBudget } from './restart-budget.js';

/** What is to follow an attempt. */
export type Verdict =
  | { readonly type: 'restart'; readonly delay: number }
  | { readonly type: 'complete' }
  | { readonly type: 'fail'; readonly error: unknown };

/** The options of a policy; `undefined` counts as left out. */
export type PolicyOptions = { readonly [K in keyof RestartOptions]: RestartOptions[K] | undefined };

/** What is judged: an attempt that has just ended. Times in ms. */
export interface Ended {
  /** The clock. */
  readonly now: number;
  /** Since it was ready; `undefined` when it never was. */
  readonly uptime: number | undefined;
}

/**
 * Decides, for one task, what follows an attempt: backoff, reset, budget and `StopRestarting` in one
 * place, for `supervise` and the runner alike. It holds no timer: a long uptime is noticed when the
 * attempt has ended.
 *
 * @see client-go's backoff, which resets by uptime; OTP's `supervisor`, for the sliding window
 */
export class RestartPolicy {
  readonly #task: string;
  readonly #restart: Restart;
  readonly #backoff: Backoff;
  readonly #resetAfter: number;
  readonly #maxRestarts: number;
  readonly #within: number;
  readonly #budget: RestartBudget;
  #restarts = 0;
  #lastCrash: ErrorOptions | undefined;

  constructor(task: string, options: PolicyOptions) {
    const { restart = 'on-failure', backoff = exponential(), resetAfter = 60_000 } = options;
    const { maxRestarts = Infinity, within = 60_000 } = options;
    this.#task = task;
    this.#restart = restart;
    this.#backoff = backoff;
    this.#resetAfter = resetAfter;
    this.#maxRestarts = maxRestarts;
    this.#within = within;
    this.#budget = new RestartBudget(maxRestarts, within);
  }

  afterCrash(error: unknown, ended: Ended): Verdict {
    if (isStopRestarting(error)) {
      return { type: 'fail', error: 'cause' in error ? error.cause : error };
    }
    if (this.#restart === 'never') return { type: 'fail', error };
    this.#lastCrash = { cause: error };
    return this.#again(ended);
  }

  afterCompletion(ended: Ended): Verdict {
    return this.#restart === 'always' ? this.#again(ended) : { type: 'complete' };
  }

  #again({ now, uptime = -1 }: Ended): Verdict {
    if (uptime >= this.#resetAfter) {
      this.#restarts = 0;
      this.#budget.reset();
    }
    if (!this.#budget.take(now)) {
      const error = new RestartLimitError(
        this.#task,
        this.#maxRestarts,
        this.#within,
        this.#lastCrash,
      );
      return { type: 'fail', error };
    }
    try {
      return { type: 'restart', delay: clamp(this.#backoff(++this.#restarts)) };
    } catch (error) {
      return { type: 'fail', error: withCause(error, this.#lastCrash) };
    }
  }
}

/** A backoff that throws must not hide the crash it was asked about. */
function withCause(error: unknown, crash: ErrorOptions | undefined): unknown {
  const isOther = crash !== undefined && crash.cause !== error;
  if (isOther && isErrorLike(error) && !('cause' in error) && Object.isExtensible(error)) {
    Object.defineProperty(error, 'cause', {
      value: crash.cause,
      configurable: true,
      writable: true,
    });
  }
  return error;
}

const isErrorLike = (error: unknown): error is object =>
  typeof error === 'object' && peek(error, 'stack') !== undefined;

/** A delay that is no number, or no finite one, is the longest there is: never a storm. */
const clamp = (delay: number): number =>
  Number.isFinite(delay) ? Math.min(Math.max(delay, 0), LONGEST_DELAY) : LONGEST_DELAY;

/** Told by its code: it may come from another copy of the package, or from another realm. */
export const isStopRestarting = (error: unknown): error is StopRestarting =>
  peek(error, 'code') === 'ERR_RXVISOR_STOP_RESTARTING';
