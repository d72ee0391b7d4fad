import type { StopReason } from '../report.js';
import type { Living } from './core.js';

/** What an attempt's payload has asked for so far. Made when it first asks: most never do. */
export class Held {
  /** Behind `context.signal`, when that has been read. */
  controller: AbortController | undefined;
  readonly teardowns: (() => unknown)[] = [];
  readonly children: Set<Living> = new Set<Living>();
  /** What the children's paths begin with, if not with the path of the task. */
  prefix: string | undefined;
  /** The clock when the payload called `context.ready()`. */
  readyAt: number | undefined;
  /** How the children are stopped: all at once, unless a group has an order for them. */
  stopChildren: (reason: StopReason) => void = (reason) => {
    for (const child of [...this.children]) child.stop(reason);
  };
}
