import { once } from 'node:events';
import type { SchedulerLike } from 'rxjs';
import type { StopReason } from '../../report.js';
import type { PayloadFunction } from '../../task/shapes.js';
import { type Child, unlessOver } from './child.js';
import type { WatchedFiles } from './watched-files.js';

/** How long a child may take to notice a signal that was sent to all processes, in ms. */
const NOTICE = 500;
/** How long it may take to stop: longer than a runner takes at most, in ms. */
const PATIENCE = 15_000;

interface World {
  readonly start: () => Child;
  readonly files: Pick<WatchedFiles, 'add' | 'clear'>;
  readonly say: (text: string) => void;
  readonly scheduler: SchedulerLike;
}

/**
 * Makes a payload that lives the life of a child process: each attempt starts one, and one that is
 * asked to stop is over when its child has stopped gracefully. When the child ends by itself, the
 * attempt goes on, waiting to be restarted.
 */
export function live(world: World): PayloadFunction<Promise<void>> {
  const { start, files, say } = world;
  return async ({ signal }) => {
    files.clear();
    const child = start();
    let isStopping = false;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- the lines of a process never error
    const hearing = child.said$.subscribe((said) => {
      if ('stopping' in said) isStopping = true;
      else files.add(said.loaded, said.version);
    });
    const asked = once(signal, 'abort').then(() => {
      stop(child, signal.reason as StopReason, () => isStopping, world);
    });
    const code = await child.exit;
    if (!signal.aborted) say(`ended with exit code ${code}, and starts again when a file changes`);
    await asked;
    hearing.unsubscribe();
  };
}

/** A signal may have met the child as well, and a second one would not be graceful. */
function stop(
  child: Child,
  { type, signal = 'SIGTERM' }: StopReason,
  isStopping: () => boolean,
  { say, scheduler }: World,
): void {
  unlessOver(child, type === 'signal' ? NOTICE : 0, scheduler, () => {
    if (!isStopping()) child.kill(signal);
  });
  unlessOver(child, PATIENCE, scheduler, () => {
    say('was not over in time, and is killed');
    child.kill('SIGKILL');
  });
}
