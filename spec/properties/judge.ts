import type { Actor } from './actor.js';

/** What has to follow an attempt, and which invariant says so. */
export type Decision = { readonly rule: string } & (
  | { readonly type: 'restart'; readonly delay: number }
  | { readonly type: 'complete' }
  | { readonly type: 'fail'; readonly error: unknown; readonly limit?: number }
);

/** An execution is never restarted, whatever its terms are. */
export function restartOf({ origin, task, inside }: Actor): 'never' | 'on-failure' | 'always' {
  if (origin === 'execute') return 'never';
  return task.terms.restart ?? (inside === 'nothing' ? 'never' : 'on-failure');
}

/** The policy of one life, computed anew and naively: every stamp is kept. */
export class Judge {
  readonly #actor: Actor;
  readonly #violations: string[] = [];
  #restarts = 0;
  #stamps: number[] = [];
  #asked = 0;
  #lastError: unknown;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  afterCrash(error: unknown, now: number, upSince: number | undefined): Decision {
    const restart = restartOf(this.#actor);
    const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
    if (this.#actor.origin === 'execute') return { rule: 'I14', type: 'fail', error };
    if (code === 'ERR_RXVISOR_STOP_RESTARTING')
      return { rule: 'I16', type: 'fail', error: 'cause' in (error as object) ? cause : error };
    if (restart === 'never') return { rule: 'I16', type: 'fail', error };
    this.#lastError = error;
    return this.#again(now, upSince);
  }

  afterCompletion(now: number, upSince: number | undefined): Decision {
    const always = restartOf(this.#actor) === 'always';
    return always ? this.#again(now, upSince) : { rule: 'I16', type: 'complete' };
  }

  takeViolations(who: string): string[] {
    return this.#violations.splice(0).map((violation) => `${violation} (after ${who})`);
  }

  #again(now: number, upSince: number | undefined): Decision {
    const { resetAfter = 60_000, maxRestarts = Infinity, within = 60_000 } = this.#actor.task.terms;
    if (upSince !== undefined && now - upSince >= resetAfter) {
      this.#restarts = 0;
      this.#stamps = [];
    }
    const recent = this.#stamps.filter((stamp) => now - stamp <= within);
    if (recent.length >= maxRestarts)
      return { rule: 'I20', type: 'fail', error: this.#lastError, limit: maxRestarts };
    this.#stamps.push(now);
    this.#restarts++;
    return this.#backOff();
  }

  /** The number given to the backoff, and what it said to that. */
  #backOff(): Decision {
    if (!this.#actor.task.terms.backoff) {
      const delay = Math.min(30_000, 1_000 * 2 ** (this.#restarts - 1));
      return { rule: 'I16', type: 'restart', delay };
    }
    const call = this.#actor.backoffs[this.#asked++];
    if (!call) {
      this.#violations.push('I17: the backoff was not asked');
      return { rule: 'I16', type: 'restart', delay: NaN };
    }
    if (call.n !== this.#restarts)
      this.#violations.push(`I17: the backoff was given ${call.n}, not ${this.#restarts}`);
    if (call.failure) return { rule: 'I9', type: 'fail', error: call.failure.error };
    const delay = Number.isFinite(call.delay)
      ? Math.min(Math.max(call.delay, 0), 2 ** 31 - 1)
      : 2 ** 31 - 1;
    return { rule: 'I16', type: 'restart', delay };
  }
}
