import { isatty } from 'node:tty';
import { type Observable, type Subscription, defer, filter, map } from 'rxjs';
import { fromSignals } from '../signals.js';
import type { Shutdown } from './shutdown.js';
import { fixed } from '../report.js';

/** How long a Ctrl-C may take to arrive twice, in ms. */
const ECHO = 100;

/** Where signals come from. */
interface World {
  readonly source: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Whether somebody may press Ctrl-C there. */
  readonly isAtTerminal: () => boolean;
  /** A clock, in ms. */
  readonly now: () => number;
}

const PROCESS: World = {
  source: process,
  isAtTerminal: () => isatty(0),
  now: () => performance.now(),
};

/**
 * Stops a runner gracefully at the first signal, at once at the second, for as long as subscribed.
 *
 * @param world  Where they come from. @default the process
 */
export function stopOnSignals(
  shutdown: Pick<Shutdown, 'begin' | 'force'>,
  world: World = PROCESS,
): Subscription {
  // eslint-disable-next-line rxjs-x/no-ignored-error -- signals never error
  return fromWishes(world).subscribe(({ number, signal }) => {
    if (number > 1) shutdown.force();
    shutdown.begin(fixed({ type: 'signal', signal }));
  });
}

/** A wish to stop: the first asks, the second insists. */
export interface Wish {
  readonly number: number;
  readonly signal: NodeJS.Signals;
}

/**
 * Emits SIGTERM and SIGINT as they are meant: the echo of a Ctrl-C is no wish of its own.
 *
 * @param world  Where they come from. @default the process
 */
export function fromWishes({ source, isAtTerminal, now }: World = PROCESS): Observable<Wish> {
  return defer(() => {
    let asked: { readonly signal: string; readonly at: number } | undefined;
    let number = 0;
    return fromSignals(['SIGTERM', 'SIGINT'], source).pipe(
      filter((signal) => {
        const at = now();
        // A terminal signals the whole process group, and npm hands its own signal on to its child.
        const isEcho = asked?.signal === signal && at - asked.at < ECHO && isAtTerminal();
        asked ??= { signal, at };
        return !isEcho;
      }),
      map((signal) => ({ number: ++number, signal })),
    );
  });
}

/** Stops a runner when an AbortSignal aborts, or has aborted. Returns what stops listening. */
export function stopOnAbort(shutdown: Pick<Shutdown, 'begin'>, signal: AbortSignal): () => void {
  const abort = () => {
    shutdown.begin(fixed({ type: 'abort', cause: signal.reason as unknown }));
  };
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return () => {
    signal.removeEventListener('abort', abort);
  };
}
