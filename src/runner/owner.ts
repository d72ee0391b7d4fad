import type { RunnerStateError } from '../errors.js';
import type { StopReason, Straggler } from '../report.js';
import type { Narrated } from '../lifecycle/narrator.js';
import type { Verdict } from '../supervise/restart-policy.js';
import type { Flavour, AnyPayload } from '../task/shapes.js';
import type { Core } from './core.js';
import type { Held } from './held.js';
import type { Terms } from './terms.js';

/** A life, as its attempts see it. */
export interface Owner extends Narrated {
  readonly flavour: Flavour;
  readonly core: Core;
  readonly payload: AnyPayload;
  readonly terms: Terms;
  readonly grace: number;
  /** Whether another attempt is to follow although this one was asked to stop. */
  readonly isResuming: boolean;
  /** Of the current attempt, in ms. */
  uptime(now: number): number;
  /** Hands a value over; false when nobody was there to take it. */
  take(value: unknown): boolean;
  /** Demand, where there is any: see `Entry.mayPull`. */
  mayPull(resume: () => void): boolean;
  /** The payload said that it's up. */
  ready(): void;
  /** What the policy makes of a crash of the attempt. */
  judgeCrash(error: unknown, now: number): Verdict;
  /** The attempt crashed: tells it. */
  crashed(error: unknown, restarting: boolean, now: number): void;
  /** The attempt failed while it was being stopped: tells it. */
  crashedWhileStopping(error: unknown): void;
  /** The attempt is over, or was given up: what follows? */
  attemptEnded(ending: EndedAttempt): void;
  /** For the report: what it would be called if it never ended. */
  describe(): () => Straggler;
}

/** What a life is told of an attempt that has ended. */
export interface EndedAttempt {
  readonly kind: 'completed' | 'crashed' | 'stopped';
  /** What the policy said to the crash. */
  readonly verdict: Verdict | undefined;
  /** What went wrong while it was being stopped. */
  readonly failure: { readonly error: unknown } | undefined;
  /** Set when it was given up and may go on. */
  readonly abandoned: Error | undefined;
}

/** An attempt, as those see it that it has brought about: its context, its children. */
export interface Parent {
  readonly life: Owner;
  readonly held: Held | undefined;
  readonly ending:
    | {
        readonly reason: StopReason | undefined;
        proceed(): void;
        tearDownLate(): void;
      }
    | undefined;
  hold(): Held;
  /** What to throw, or to notify, when something is asked of an attempt that is ending. */
  refusal(what: string): RunnerStateError | undefined;
}
