import { toFlavour } from '../flavours/flavours.js';
import type { PolicyOptions } from '../supervise/restart-policy.js';
import type { AdoptOptions, Flavour } from '../task/shapes.js';

/** On what terms a life is led: its options, settled. Shared by all that have the same ones. */
export interface Terms {
  readonly flavour: Flavour;
  readonly args: readonly unknown[];
  readonly grace: number | undefined;
  readonly awaitReady: boolean;
  readonly errors: 'fatal' | 'deliver';
  readonly restart: PolicyOptions;
}

const NO_ARGS: readonly unknown[] = Object.freeze([]);
const DEFAULTS: Terms = toOwnTerms({});

/**
 * @param flavour  If it's not the one that the options name.
 * @throws {@link InvalidOptionError} for a flavour that isn't known.
 */
export function toTerms(
  options: AdoptOptions<readonly unknown[]> | undefined,
  flavour?: Flavour,
): Terms {
  if (flavour) return ofThread(options, flavour);
  for (const option in options) if (option !== 'name') return toOwnTerms(options);
  // A hundred thousand tasks without options of their own share one object.
  return DEFAULTS;
}

/** Executions without options of their own share one object too. */
function ofThread(options: AdoptOptions<readonly unknown[]> | undefined, flavour: Flavour): Terms {
  for (const option in options) if (option !== 'name') return toOwnTerms({ ...options, flavour });
  if (last?.flavour !== flavour) last = toOwnTerms({ flavour });
  return last;
}

let last: Terms | undefined;

function toOwnTerms(options: AdoptOptions<readonly unknown[]>): Terms {
  const { flavour, args = NO_ARGS, grace, awaitReady = false, errors = 'fatal' } = options;
  const { restart = 'never', backoff, resetAfter, maxRestarts, within, scheduler } = options;
  return {
    flavour: toFlavour(flavour),
    args,
    grace,
    awaitReady,
    errors,
    restart: { restart, backoff, resetAfter, maxRestarts, within, scheduler },
  };
}
