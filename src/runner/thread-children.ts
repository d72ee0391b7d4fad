import { asyncScheduler } from 'rxjs';
import { Threads } from '../flavours/threads.js';
import { type Failure, type StopReason, fixed } from '../report.js';
import { show } from '../show.js';
import type { AdoptOptions, AnyPayload, ExecuteOptions } from '../task/shapes.js';
import type { RaiseChildren } from '../thread/inside/children.js';
import { adopt } from './adopt.js';
import { Core } from './core.js';
import { execute } from './execute.js';
import { Held } from './held.js';
import type { Owner, Parent } from './owner.js';
import { supervised } from './supervised.js';
import { RunnerStateError } from '../errors.js';

/**
 * Raises the children of an attempt that runs in this thread. They have a runner's core of their own,
 * which knows of its parent no more than the name.
 *
 * @param failed  Told what a child has failed with for good.
 */
export const raise: RaiseChildren = (task, failed) => {
  const births = { adopt, execute, supervise: supervised };
  const core = new Core(asyncScheduler, Infinity, births, threads);
  const told = new Set<unknown>();
  core.state = 'running';
  core.onFatal = (error) => {
    told.add(error);
    failed(error);
  };
  const held = new Held();
  let ending: Parent['ending'];
  const parent: Parent = {
    life: { name: task } as Owner,
    held,
    get ending() {
      return ending;
    },
    hold: () => held,
    refusal: (what) =>
      ending ? new RunnerStateError('stopping', refusalOf(task, what)) : undefined,
  };
  return {
    adopt: (payload: AnyPayload, options?: AdoptOptions<readonly unknown[]>) => {
      const refusal = parent.refusal('adopt');
      if (refusal) throw refusal;
      return adopt(core, payload, options, parent);
    },
    execute: (payload: AnyPayload, options?: ExecuteOptions<readonly unknown[]>) =>
      execute(core, payload, options, parent),
    stop: (cause) => {
      ending ??= { reason: cause, proceed: ignore, tearDownLate: ignore };
      const over = Array.from(
        held.children,
        (child) =>
          new Promise<void>((resolve) => {
            child.whenOver(resolve);
          }),
      );
      held.stopChildren(fixed({ type: 'parent', ...(cause && { cause }) }));
      return Promise.all(over).then(() => {
        const { failures, tolerated } = core.books.report(STOPPED, 0);
        tolerated.forEach(warnOf);
        const untold = failures.map(({ error }) => error).filter((error) => !told.has(error));
        for (const error of untold) told.add(error);
        return untold;
      });
    },
  };
};

/** Children that run on threads have those of this thread, which end with it; none is started before. */
const threads = new Threads();

/** What harms nobody is in the report of a runner; there's none in a thread. */
function warnOf({ task, error }: Failure): void {
  const message = `task "${task}", in a thread, failed: ${show(error)}`;
  process.emitWarning(message, { type: 'RxvisorWarning', code: 'RXVISOR_TOLERATED' });
}

const STOPPED: StopReason = fixed({ type: 'parent' });

const refusalOf = (task: string, what: string) =>
  `task "${task}" can't ${what}: this attempt of it is ending, and a child lives no longer than its attempt`;
const ignore = () => undefined;
