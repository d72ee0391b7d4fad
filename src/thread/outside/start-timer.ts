import { setTimeout } from 'node:timers';
import { LONGEST_DELAY } from '../../schedulers/alarm.js';

/** Starts a timer that keeps no process alive. What is never due has none. */
export function startTimer(work: () => void, ms: number): NodeJS.Timeout | undefined {
  return ms === Infinity ? undefined : setTimeout(work, Math.min(ms, LONGEST_DELAY)).unref();
}
