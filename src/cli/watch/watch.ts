import { type SchedulerLike, Subscription, asyncScheduler, filter, takeUntil } from 'rxjs';
import { LONGEST_DELAY } from '../../schedulers/alarm.js';
import { fromWishes } from '../../runner/stop-on.js';
import { Runner } from '../../runner/runner.js';
import type { RunCommand } from '../arguments.js';
import { flush } from '../flush.js';
import { isSeen } from '../log/level-of.js';
import { Log } from '../log/log.js';
import { findModule, showPath } from '../module/find-module.js';
import { showsStatus } from '../status-line.js';
import { ERASE } from '../status-line/bottom-line.js';
import { type Child, startChild, unlessOver } from './child.js';
import { live } from './live.js';
import { WatchedFiles } from './watched-files.js';

/** How long a child may live after a second signal, in ms. */
const PATIENCE = 3_000;
/** After which two signals are two at any rate, in ms. */
const MOMENT = 300;
const DAEMON = 'daemon';

/**
 * `rxvisor run --watch`: runs the same command without `--watch` in a process of its own, and restarts
 * it gracefully when a file that it has loaded changes. Signals are passed on.
 *
 * The process is a task of a runner, like any other.
 *
 * @param args  What the command was called with.
 * @returns A promise of the exit code: that of the last process.
 * @throws {@link UsageError} when a module doesn't exist.
 */
export async function watch(
  command: RunCommand,
  args: readonly string[] = process.argv.slice(2),
  scheduler: SchedulerLike = asyncScheduler,
): Promise<number> {
  const modules = command.modules.map(findModule);
  const log = new Log(command);
  const say = (text: string) => {
    if (command.log === 'silent' || !isSeen('info', command.logLevel)) return;
    // The daemon's line of status, which it will draw again.
    if (showsStatus(command)) process.stderr.write(ERASE);
    log.say('info', text);
  };
  const files = new WatchedFiles();
  let child: Child | undefined;
  const start = () => {
    for (const { path } of modules) files.add(path);
    child = startChild(args.filter(isForChild));
    return child;
  };
  const names = modules.map(({ shown }) => shown).join(', ');
  const sayOfChild = (text: string) => {
    say(`${names} ${text}`);
  };

  const runner = new Runner({ grace: Infinity, shutdownTimeout: LONGEST_DELAY });
  runner.adopt(live({ start, files, say: sayOfChild, scheduler }), { name: DAEMON });
  const subscription = new Subscription();
  const shutdown$ = runner.events$.pipe(filter(({ type }) => type === 'shutdown'));
  subscription.add(
    // eslint-disable-next-line rxjs-x/no-ignored-error -- nor events nor changes error
    files.changes$.pipe(takeUntil(shutdown$)).subscribe((paths) => {
      say(`${paths.map(showPath).join(', ')} changed: restarting`);
      runner.restart(DAEMON);
    }),
  );
  subscription.add(
    // eslint-disable-next-line rxjs-x/no-ignored-error -- signals never error
    fromWishes().subscribe(({ number, signal }) => {
      if (number > 1 && child) insist(child, signal, scheduler);
    }),
  );
  try {
    // At a second signal it rejects before the child is over, which is waited for all the same.
    await runner.run({ signals: true }).catch(() => undefined);
    return (await child?.exit) ?? 0;
  } finally {
    subscription.unsubscribe();
    files.clear();
    log.close();
    await flush([process.stderr]);
  }
}

/** What follows `--` is for the modules. */
const isForChild = (arg: string, index: number, args: readonly string[]) => {
  const end = args.indexOf('--');
  return arg !== '--watch' || (end >= 0 && index > end);
};

/** Again after a moment: one that met the child together with the terminal's own is one to it. */
function insist(child: Child, signal: NodeJS.Signals, scheduler: SchedulerLike): void {
  for (const time of [0, MOMENT]) {
    unlessOver(child, time, scheduler, () => {
      child.kill(signal);
    });
  }
  unlessOver(child, PATIENCE, scheduler, () => {
    child.kill('SIGKILL');
  });
}
