import type { RestartCause } from '../lifecycle/events.js';
import type { Living } from './core.js';
import type { End } from './end.js';

/** Who a life is led under, if it's a member of a group: what it's told, and what it decides. */
export interface Host {
  started(life: Living): void;
  ready(life: Living): void;
  ended(life: Living, end: End): void;
  /** Whose a member's final failure is: the group's own, or nobody's and harmless. */
  judge(life: Living): 'taken' | 'tolerated';
  /** Another attempt is due. True when the host takes over: it sees to it when the time has come. */
  holds(life: Living, delay: number, cause: RestartCause): boolean;
}
