import { LONGEST_DELAY } from '../../schedulers/alarm.js';

/**
 * How often systemd wants to be told that we are alive: twice in the time in which it must have heard
 * of us, in ms.
 *
 * @returns `undefined` if there is no watchdog, or if it watches another process.
 * @see sd_watchdog_enabled(3)
 */
export function watchdogInterval(
  { WATCHDOG_USEC = '', WATCHDOG_PID }: NodeJS.ProcessEnv,
  pid: number,
): number | undefined {
  const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(pid);
  const time = /^\d+$/.test(WATCHDOG_USEC) ? Number(WATCHDOG_USEC) / 1_000 : 0;
  if (!isOurs || time <= 0) return undefined;
  return Math.min(Math.max(1, time / 2), LONGEST_DELAY);
}
