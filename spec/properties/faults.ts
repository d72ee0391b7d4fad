import { StopRestarting } from '../../src/index.js';
import type { Emission, Fault } from './program.js';

let made = 0;

/** An error like no other, so that "the very same object" can be told. */
export function toError(fault: Fault, stopReason?: unknown): unknown {
  const message = `${fault} #${++made}`;
  if (fault === 'undefined') return undefined;
  if (fault === 'null') return null;
  if (fault === 'a string') return message;
  if (fault === 'its stop reason' && stopReason !== undefined) return stopReason;
  if (fault === 'StopRestarting') return new StopRestarting();
  if (fault === 'StopRestarting with a cause') return new StopRestarting(new Error(message));
  const error = new Error(message);
  if (fault === 'an AbortError') error.name = 'AbortError';
  return error;
}

export function toValue(emission: Emission): unknown {
  if (emission === 'undefined') return undefined;
  if (emission === 'null') return null;
  if (emission === 'zero') return 0;
  if (emission === 'false') return false;
  if (emission === 'an empty string') return '';
  if (emission === 'an empty list') return [];
  return ++made;
}

/** Counting begins anew with each program, so that the same one makes the same. */
export function startCounting(): void {
  made = 0;
}
