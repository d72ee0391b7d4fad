import type { AdoptOptions, PayloadFunction } from '../task/shapes.js';
import { bear } from './adopt.js';
import { AdoptedTask } from './adopted-task.js';
import { coreOf } from './core-of.js';

/** A task, and what its attempt has crashed with, as that was thrown. */
export interface AdoptedAgain {
  readonly task$: AdoptedTask<unknown>;
  readonly lastError: () => unknown;
}

/**
 * Adopts what has had attempts elsewhere: it goes on counting them.
 *
 * @throws {@link RunnerStateError} when the runner is stopping or has stopped
 */
export function adoptAgain(
  runner: object,
  payload: PayloadFunction,
  options: AdoptOptions,
  attempts: number,
): AdoptedAgain {
  const core = coreOf(runner);
  const refusal = core.refusal('adopt');
  if (refusal) throw refusal;
  const life = bear(core, payload, options);
  life.attempt = attempts;
  if (core.state === 'running') life.begin();
  return { task$: new AdoptedTask(life), lastError: () => life.info().lastError };
}
