import { EMPTY, Observable } from 'rxjs';
import { InvalidPayloadError } from '../errors.js';
import { Context } from '../runner/context.js';
import { checkOptions } from '../task/check.js';
import type { PayloadFunction, TaskContext } from '../task/shapes.js';
import {
  type AnyMember,
  GROUP_CHECKS,
  type GroupOptions,
  type MemberSpecs,
  toPlans,
} from './plan.js';
import { RunningGroup } from './running-group.js';

/**
 * Makes one payload of several named ones, that are supervised apart: adopt it, nest it, supervise it.
 *
 * Members start in list order, those with `after` when what they wait for is ready, and stop in
 * reverse of the order in which they really started. A crash never touches a sibling, unless the
 * `strategy` says that siblings restart together. The group emits nothing; it completes when every
 * member has ended, and errors only when a `significant` one has failed for good, its siblings
 * stopped first. Names nest: `web/poller`.
 *
 * @throws {@link InvalidOptionError}, {@link InvalidPayloadError}, {@link DuplicateNameError}, before
 *   anything starts: an unknown option or member, a circle in `after`, a name that is given twice.
 * @see OTP's `supervisor`; systemd's `After=`
 */
export function group<const A extends readonly unknown[]>(
  specs: MemberSpecs<A>,
  options: GroupOptions = {},
): PayloadFunction<Observable<never>> {
  return toGroup(specs, options);
}

/** @param prefix  What the members' paths begin with, if not with the path of the group's task. */
export function toGroup(
  specs: readonly AnyMember[],
  options: GroupOptions,
  prefix?: string,
): PayloadFunction<Observable<never>> {
  checkOptions(options, GROUP_CHECKS);
  const { strategy = 'one-for-one' } = options;
  const plans = toPlans(specs);
  const payload = (context: TaskContext): Observable<never> => {
    const attempt = Context.attemptOf(context);
    if (!attempt) {
      throw new InvalidPayloadError('a group is a payload: hand it to adopt() or execute()');
    }
    // Asked to stop while it's still being entered: nobody begins any more.
    if (attempt.ending) return EMPTY;
    attempt.hold().prefix = prefix;
    return new Observable<never>((subscriber) => {
      const running = new RunningGroup(attempt, strategy, subscriber);
      running.begin(plans);
      return () => {
        running.leave();
      };
    });
  };
  // Tasks are called after it, and a bundler may rename a function.
  return Object.defineProperty(payload, 'name', { value: 'group' });
}
