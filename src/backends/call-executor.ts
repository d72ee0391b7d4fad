import { InvalidPayloadError, StopRestarting } from '../errors.js';
import { isPromiseLike } from '../task/payload.js';
import type { TaskContext } from '../task/shapes.js';
import { type ThreadedPayload, brandOf } from '../task/threaded-payload.js';
import type { Job } from './job.js';
import type { Executor } from './task-backend.js';

/**
 * Has an attempt of a job done. What is for a thread, as an executor or as what one returns, is executed
 * as a child of the attempt: it ends with that, and fails it.
 */
export function callExecutor<J extends Job>(
  executor: Executor<J>,
  job: J,
  context: TaskContext,
): unknown {
  // A thread has a context of its own.
  const isForThread = brandOf(executor) !== undefined;
  const result = isForThread ? (executor as (job: J) => unknown)(job) : executor(job, context);
  // Refused unless it's a call: a builder that has not been called, a whole module.
  if (brandOf(result) !== undefined) return context.execute(result as ThreadedPayload);
  return isPromiseLike(result) ? result.then(refuseThreaded) : result;
}

/** A promise is of one value: there's no telling what is to be done with those of a call. */
function refuseThreaded(value: unknown): unknown {
  if (brandOf(value) === undefined) return value;
  // Trying again brings the same.
  throw new StopRestarting(
    new InvalidPayloadError(
      'an executor returned a promise of what is for a thread: return that itself, or await lastValueFrom(context.execute(…))',
    ),
  );
}
