import type { Runner } from '../runner/runner.js';
import type { RunCommand } from './arguments.js';
import type { Log } from './log/log.js';
import { noticeExit } from './notice-exit.js';
import { showStatus } from './status-line.js';
import { tellSystemd } from './systemd/tell-systemd.js';
import { tellWatcher } from './watch/tell-watcher.js';

/** What a listener may know. */
export interface RunContext {
  readonly runner: Runner;
  readonly command: RunCommand;
  readonly log: Log;
  /** Resolves when all modules have been loaded and what they export has been adopted; never, if that fails. */
  readonly loaded: Promise<void>;
}

/**
 * Listens to the runner from before its `up` until after its `down`. What it returns is called then;
 * if that returns a promise it's awaited before the process exits, within reason.
 */
export type Listener = (context: RunContext) => () => unknown;

/** All that listen to a run. */
export const LISTENERS: readonly Listener[] = [noticeExit, showStatus, tellSystemd, tellWatcher];
