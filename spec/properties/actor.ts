import type { Observable } from 'rxjs';
import type { Backoff, Origin } from '../../src/index.js';
import type { Member, Task } from './program.js';
import type { Failing } from './trace.js';
import type { Turn } from './turn.js';

/** Somebody who takes the values of a task. */
export interface Listener {
  readonly values: unknown[];
  /** Whether the life was over when it subscribed. */
  readonly late: boolean;
  end: 'none' | 'complete' | 'unsubscribed' | { readonly error: unknown };
  leave: () => void;
}

/** One call of a task's backoff. */
export interface BackingOff {
  readonly n: number;
  readonly delay: number;
  readonly failure: Failing;
}

/** A task of the program: one life, and what really happened in it. */
export class Actor {
  readonly task: Task;
  readonly origin: Origin;
  /** The turn whose child it is. */
  readonly parent: Turn | undefined;
  /** Its place in a group. */
  readonly member: Member | undefined;
  readonly turns: Turn[] = [];
  readonly listeners: Set<Listener> = new Set<Listener>();
  readonly backoffs: BackingOff[] = [];
  id = 0;
  name = '';
  /** Whether it is somebody's own matter: a group's, or a pipe's. */
  inside: 'nothing' | 'group' | 'pipe' = 'nothing';
  backoff: Backoff | undefined;
  values$: (Observable<unknown> & { stop?: (reason: string) => Promise<void> }) | undefined;
  /** Subscriptions to its Observables that are open now, and at most. */
  open = 0;
  mostOpen = 0;

  constructor(task: Task, origin: Origin, parent: Turn | undefined, member?: Member) {
    this.task = task;
    this.origin = origin;
    this.parent = parent;
    this.member = member;
  }
}
