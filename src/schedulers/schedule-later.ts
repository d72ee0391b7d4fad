import { type SchedulerLike, Subscription, type Unsubscribable } from 'rxjs';
import { asap } from './asap-scheduler.js';

/**
 * Schedules work that must not run in the caller's stack. A scheduler that runs it inside `schedule`
 * all the same (`queueScheduler` does) is held to that: the work goes through the fair queue then.
 *
 * @param delay  In ms.
 */
export function scheduleLater(
  scheduler: SchedulerLike,
  delay: number,
  work: () => void,
): Unsubscribable {
  const scheduled = new Subscription();
  let inside = true;
  const run = () => {
    if (inside) scheduled.add(asap.schedule(work));
    // A scheduler may not be able to take its work back.
    else if (!scheduled.closed) work();
  };
  scheduled.add(scheduler.schedule(run, delay));
  inside = false;
  return scheduled;
}
