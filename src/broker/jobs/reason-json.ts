import type { StopReason } from '../../report.js';
import { type GivenReason, toStopReason } from '../../runner/stop-reason.js';
import { type KeptError, keepError, toError, toSpeakable } from './error-json.js';

/** Why a job is not to be done any more, as it's kept. */
export interface KeptReason extends Omit<StopReason, 'cause'> {
  readonly cause?: KeptError;
}

export function keepReason(given: GivenReason | undefined): KeptReason {
  const { message, cause, ...reason } = toStopReason('stop', given);
  return {
    ...reason,
    ...(message !== undefined && { message: toSpeakable(message) }),
    ...(cause !== undefined && { cause: keepError(cause) }),
  };
}

export function toReason({ cause, ...reason }: KeptReason): StopReason {
  return Object.freeze(cause ? { ...reason, cause: toError(cause) } : reason);
}
