import { type SchedulerLike, asyncScheduler, from } from 'rxjs';
import type { Log } from '../log/log.js';
import type { Viewed } from '../status-line/say-status.js';
import { news } from './news.js';
import { type Call, Notifier, callSystemdNotify } from './notifier.js';
import { watchdogInterval } from './watchdog-interval.js';

/** What is seen of a run. */
interface Run {
  readonly runner: Viewed;
  readonly log: Pick<Log, 'say'>;
  readonly loaded: Promise<void>;
}

interface World {
  readonly process: Pick<NodeJS.Process, 'env' | 'pid'>;
  readonly call: Call;
  readonly scheduler: SchedulerLike;
}

const THIS_WORLD: World = { process, call: callSystemdNotify, scheduler: asyncScheduler };

/**
 * Tells systemd how a runner is, if there is anybody who listens at NOTIFY_SOCKET.
 *
 * @returns What ends it, with a promise that resolves when all has been told.
 */
export function tellSystemd(
  { runner, log, loaded }: Run,
  { process: { env, pid }, call, scheduler }: World = THIS_WORLD,
): () => Promise<void> {
  if (!env.NOTIFY_SOCKET) return () => Promise.resolve();
  const notifier = new Notifier((text) => {
    log.say('warn', text);
  }, call);
  const news$ = news(runner, from(loaded), watchdogInterval(env, pid), scheduler);
  // eslint-disable-next-line rxjs-x/no-ignored-error -- events never error, nor does what is made of them
  const subscription = news$.subscribe((each) => {
    notifier.tell(each);
  });
  return () => {
    subscription.unsubscribe();
    return notifier.told();
  };
}
