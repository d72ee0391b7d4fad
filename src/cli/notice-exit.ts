import type { Log } from './log/log.js';

/**
 * Notices when somebody ends the process before all has been stopped, which nobody is to take for a
 * daemon that vanished.
 *
 * @param source  What tells of it. @default process
 * @returns What ends it.
 */
export function noticeExit(
  { log }: { readonly log: Pick<Log, 'say'> },
  source: Pick<NodeJS.EventEmitter, 'on' | 'off'> = process,
): () => void {
  const say = (code: number) => {
    log.say('error', `process.exit() was called, with ${code}: what still ran was not stopped`);
  };
  source.on('exit', say);
  return () => source.off('exit', say);
}
