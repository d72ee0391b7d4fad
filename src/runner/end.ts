import type { StopReason } from '../report.js';
import type { Outcome } from '../lifecycle/events.js';

/** How a life ended. */
export interface End {
  readonly outcome: Outcome;
  readonly failure: { readonly error: unknown } | undefined;
  /** Why, if somebody asked. */
  readonly reason: StopReason | undefined;
}
