import type { RestartCause } from '../lifecycle/events.js';
import type { Living } from './core.js';
import type { End } from './end.js';

/** Who a life is led under, if it's a member of something: what it's told, and what it decides. */
export interface Host {
  started(): void;
  ready(): void;
  ended(end: End): void;
  /** Whose a member's final failure is: the host's, or nobody's and harmless. */
  judge(): 'taken' | 'tolerated';
  /** Another attempt that it holds is wanted now. */
  hurry(): void;
  /** Another attempt is due. True when the host sees to it: it announces it, and begins it. */
  holds(delay: number, cause: RestartCause): boolean;
}

/** A life, as its host sees it. */
export interface Member extends Living {
  /** Tells that another attempt follows after `delay`. Whoever announces it sees to it. */
  announce(delay: number, cause: RestartCause): void;
  /** Stops the attempt, or its sleep, since a sibling restarts; the host holds what follows. */
  takeAlong(): void;
  /** Ends a life that never began. */
  giveUp(error: unknown): void;
}
