import { StopRestarting } from '../errors.js';
import type { AdoptedTask } from '../runner/adopted-task.js';
import type { Runner } from '../runner/runner.js';
import type { PayloadFunction } from '../task/shapes.js';
import { callExecutor } from './call-executor.js';
import { copyJob } from './copy-job.js';
import type { Executors } from './executors.js';
import type { Job } from './job.js';
import { toAdoption } from './options.js';
import type { SubmitOptions } from './task-backend.js';
import { warn } from './warn.js';

/**
 * Makes a task of a job, `job:<type>`. What it emits is taken, what it fails with is warned of.
 *
 * @param ended  Told when its life is over.
 * @throws {@link RunnerStateError} when the runner is stopping or has stopped
 */
export function adoptJob<J extends Job>(
  runner: Runner,
  executors: Executors<J>,
  job: J,
  options: SubmitOptions,
  ended: () => void,
): AdoptedTask<unknown> {
  const payload = toPayload(executors, job);
  const task$ = runner.adopt(payload, toAdoption(options));
  task$.subscribe({
    error: (error: unknown) => {
      warn('RXVISOR_JOB_FAILED', `${task$.name} failed`, error);
      ended();
    },
    complete: ended,
  });
  return task$;
}

/**
 * What a job is as a payload: a call of whoever does jobs of its type, with a copy of the job for each
 * attempt, as there is where it has come from a database.
 */
export function toPayload<J extends Job>(executors: Executors<J>, job: J): PayloadFunction {
  const payload: PayloadFunction = (context) => {
    const executor = executors.find(job.type);
    if (executor) return callExecutor(executor, copyJob(job), context);
    // Trying again won't bring anybody.
    throw new StopRestarting(
      new TypeError(`nobody does jobs of type "${job.type}": setExecutor("${job.type}", …)`),
    );
  };
  return Object.defineProperty(payload, 'name', { value: `job:${job.type}` });
}

/** Warns of a job that is dropped since there's nobody at all to do it. */
export function isDropped<J extends Job>(executors: Executors<J>, { type }: J): boolean {
  if (!executors.isEmpty) return false;
  warn(
    'RXVISOR_JOB_DROPPED',
    `job "${type}" is dropped: there's no executor, call setExecutor() first`,
  );
  return true;
}
