import type { SchedulerLike } from 'rxjs';
import { aName, aScheduler, checkGiven } from '../task/check.js';
import { enterPayload } from '../task/enter-payload.js';
import type { Flavour } from '../task/shapes.js';

/**
 * Makes a flavour of any RxJS scheduler: a `VirtualTimeScheduler` in a test, an animation loop, a
 * queue of one's own. Payloads run on the main thread, each attempt entered when the scheduler says.
 *
 * @param name  As it appears in events.
 * @throws {@link InvalidOptionError}
 */
export function defineFlavour(name: string, scheduler: SchedulerLike): Required<Flavour> {
  checkGiven('name', name, aName);
  checkGiven('scheduler', scheduler, aScheduler);
  return Object.freeze({ name, scheduler, enter: enterPayload });
}
