import type { StopReason } from '../report.js';

/** How a user may give a reason: in words, or as (part of) a StopReason. */
export type GivenReason = string | Partial<StopReason>;

/** Nobody is there any more to take what is emitted. */
export const UNSUBSCRIBED: StopReason = Object.freeze({ type: 'unsubscribe' });

/** Makes a reason of whatever was given; what isn't a reason is its cause. */
export function toStopReason(type: StopReason['type'], given?: unknown): StopReason {
  if (given === undefined) return Object.freeze({ type });
  if (typeof given === 'string') return Object.freeze({ type, message: given });
  if (isPlain(given)) return Object.freeze({ type, ...(given as Partial<StopReason>) });
  return Object.freeze({ type, cause: given });
}

const isPlain = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  ('type' in value || 'message' in value) &&
  !('stack' in value);
