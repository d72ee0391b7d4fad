import type { WorkerCrashError } from '../../errors.js';
import { show } from '../../show.js';

/** Says that a thread has died on which nothing ran that could be told. */
export function warnOf({ message, code, cause }: WorkerCrashError): void {
  process.emitWarning(message, { type: 'RxvisorWarning', code, detail: show(cause) });
}
