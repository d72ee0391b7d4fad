import { type StopReason, fixed } from '../report.js';
import { peek } from '../show.js';

/** How a user may give a reason: in words, or as (part of) a StopReason. */
export type GivenReason = string | Partial<StopReason>;

/** Nobody is there any more to take what is emitted. */
export const UNSUBSCRIBED: StopReason = fixed({ type: 'unsubscribe' });

const TYPES: Readonly<Record<StopReason['type'], true>> = {
  shutdown: true,
  stop: true,
  restart: true,
  signal: true,
  abort: true,
  failure: true,
  parent: true,
  unsubscribe: true,
  idle: true,
};

/** Makes a reason of whatever was given; what isn't a reason is its cause. */
export function toStopReason(type: StopReason['type'], given?: unknown): StopReason {
  if (given === undefined) return fixed({ type });
  if (typeof given === 'string') return fixed({ type, message: given });
  return fixed(isReason(given) ? { type, ...given } : { type, cause: given });
}

const isReason = (given: unknown): given is Partial<StopReason> => {
  const type = peek(given, 'type');
  if (type !== undefined) return typeof type === 'string' && Object.hasOwn(TYPES, type);
  const says = ['message', 'signal', 'cause'].some((member) => peek(given, member) !== undefined);
  return says && peek(given, 'stack') === undefined;
};
