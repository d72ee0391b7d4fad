import {
  EMPTY,
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerLike,
  asyncScheduler,
  defer,
  repeat,
  retry,
  tap,
  throwError,
} from 'rxjs';
import { asap } from '../schedulers/asap-scheduler.js';
import { scheduleLater } from '../schedulers/schedule-later.js';
import { checkOptions } from '../task/check.js';
import { attemptInCharge } from '../task/in-charge.js';
import { SUPERVISE_CHECKS } from '../task/options.js';
import type { SuperviseOptions } from '../task/shapes.js';
import { RestartPolicy, type Verdict } from './restart-policy.js';

/**
 * Restarts a source that crashes, waiting longer each time.
 *
 *   source        --#              a crash in each attempt
 *   subscriptions ^-!
 *                 ----^-!          after backoff(1) = 2
 *                 ----------^-!    after backoff(2) = 4
 *   result        ---------------
 *
 * A completion ends it unless `restart` is `'always'`. Values reset nothing; uptime does. The state is
 * per subscription. Unsubscribing ends a waiting restart at once. Cold.
 *
 * Piped inside a payload, it's narrated too: as a life of its own, below the task that subscribes it.
 *
 * @param options.restart      `'never'`, `'on-failure'` or `'always'`. @default 'on-failure'
 * @param options.backoff      Delay before the n-th restart since the last reset, in ms. @default exponential()
 * @param options.resetAfter   An attempt up this long resets the backoff and the budget, in ms. @default 60_000
 * @param options.maxRestarts  Restarts granted within `within`. @default Infinity
 * @param options.within       The budget's sliding window, in ms. @default 60_000
 * @param options.scheduler    For the delays. @default the runner's, else asyncScheduler
 * @param options.name         Of its life, under a runner. @default 'supervised'
 * @returns An operator that mirrors its source.
 * @throws {@link InvalidOptionError} at once. It errors with {@link RestartLimitError} when the budget
 *   is used up, and with the source's error when the policy doesn't take it.
 * @see systemd.service(5), `Restart=`; suture v4
 */
export function supervise<T>(options: SuperviseOptions = {}): MonoTypeOperatorFunction<T> {
  checkOptions(options, SUPERVISE_CHECKS);
  return (source$) =>
    defer(() => attemptInCharge()?.supervise(source$, options) ?? alone(source$, options));
}

/** With no runner about. */
function alone<T>(source$: Observable<T>, options: SuperviseOptions): Observable<T> {
  const { name = 'supervised', scheduler = asyncScheduler } = options;
  const policy = new RestartPolicy(name, options);
  let startedAt = 0;
  const ended = () => {
    const now = scheduler.now();
    return { now, uptime: Math.max(0, now - startedAt) };
  };
  return source$.pipe(
    tap({ subscribe: () => (startedAt = scheduler.now()) }),
    retry({ delay: (error) => follow(policy.afterCrash(error, ended()), scheduler) }),
    repeat({ delay: () => follow(policy.afterCompletion(ended()), scheduler) }),
  );
}

/** A verdict as a notifier: emits when the next attempt is due, else ends as the source is to end. */
function follow(verdict: Verdict, scheduler: SchedulerLike): Observable<unknown> {
  if (verdict.type === 'fail') return throwError(() => verdict.error);
  if (verdict.type === 'complete') return EMPTY;
  const { delay } = verdict;
  // No timer for no delay: a storm goes through the fair queue.
  const when = delay === 0 && scheduler === asyncScheduler ? asap : scheduler;
  return new Observable((subscriber) =>
    scheduleLater(when, delay, () => {
      subscriber.next(undefined);
    }),
  );
}
