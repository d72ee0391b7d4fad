import { isatty } from 'node:tty';
import type { Subscription } from 'rxjs';
import { fromSignals } from '../signals.js';
import type { Shutdown } from './shutdown.js';

/** How long a Ctrl-C may take to arrive twice, in ms. */
const ECHO = 100;

/** Stops a runner gracefully at the first signal, at once at the second, for as long as subscribed. */
export function stopOnSignals(shutdown: Shutdown): Subscription {
  let asked: { readonly signal: string; readonly at: number } | undefined;
  // eslint-disable-next-line rxjs-x/no-ignored-error -- signals never error
  return fromSignals(['SIGTERM', 'SIGINT']).subscribe((signal) => {
    const at = performance.now();
    // A terminal signals the whole process group, and npm hands its own signal on to its child.
    const isEcho = isatty(0) && asked?.signal === signal && at - asked.at < ECHO;
    if (isEcho) return;
    if (asked) shutdown.force();
    asked ??= { signal, at };
    shutdown.begin(Object.freeze({ type: 'signal', signal }));
  });
}

/** Stops a runner when an AbortSignal aborts, or has aborted. Returns what stops listening. */
export function stopOnAbort(shutdown: Shutdown, signal: AbortSignal): () => void {
  const abort = () => {
    shutdown.begin(Object.freeze({ type: 'abort', cause: signal.reason as unknown }));
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return () => {
    signal.removeEventListener('abort', abort);
  };
}
