import { type SchedulerLike, Subscription, asyncScheduler } from 'rxjs';
import { LONGEST_DELAY } from './alarm.js';

/**
 * Calls back after a delay, in ms, however long that is, by one timer after the other; after `Infinity`,
 * never.
 *
 * @returns What calls it off.
 */
export function scheduleIn(
  delay: number,
  work: () => void,
  scheduler: SchedulerLike = asyncScheduler,
): Subscription {
  if (delay === Infinity) return Subscription.EMPTY;
  let left = delay;
  const next = () => Math.min(left, LONGEST_DELAY);
  return scheduler.schedule(function () {
    left -= next();
    if (left > 0) this.schedule(undefined, next());
    else work();
  }, next());
}

/**
 * Calls back again and again.
 *
 * @param period  In ms.
 * @param first   How long until the first time, in ms. @default period
 * @returns What calls it off.
 */
export function scheduleEvery(
  period: number,
  work: () => void,
  first: number = period,
): Subscription {
  return asyncScheduler.schedule(function () {
    work();
    this.schedule(undefined, period);
  }, first);
}
