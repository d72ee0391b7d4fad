import { shared } from '../shared.js';
import { type Check, checkGiven, hasMethod } from '../task/check.js';
import { SyncTaskBackend } from './sync-task-backend.js';
import type { TaskBackend } from './task-backend.js';

const current = shared('backend', (): { backend?: TaskBackend } => ({}));

/** The backend of whoever names none: inline, until another one is set. */
export function getDefaultTaskBackend(): TaskBackend {
  return (current.backend ??= new SyncTaskBackend());
}

/**
 * Sets the backend of whoever names none. Whoever has made it shuts it down.
 *
 * @param backend  `undefined`: an inline one again.
 * @throws {@link InvalidOptionError}
 */
export function setDefaultTaskBackend(backend: TaskBackend | undefined): void {
  if (backend === undefined) delete current.backend;
  else {
    checkGiven('backend', backend, aBackend);
    current.backend = backend;
  }
}

const aBackend: Check = {
  accepts: (value) => hasMethod(value, 'submit') && hasMethod(value, 'setExecutor'),
  wanted: 'give a TaskBackend, such as new AsyncTaskBackend()',
};
