import type { Observable } from 'rxjs';
import type { ExitEvent, LifecycleEvent } from '../lifecycle/events.js';
import type { Failure } from '../report.js';
import type { Runner } from '../runner/runner.js';
import type { TaskInfo } from '../runner/task-info.js';

/** A task that lived when things went wrong, and what became of it. */
export interface Bystander {
  readonly info: TaskInfo;
  /** When it was looked at. */
  readonly at: number;
  end?: ExitEvent;
  overdue?: boolean;
}

/** Sees what happens, so that it can be said at the end: what has failed, and who lived at that moment. */
export class Witness {
  /** Whether there has been anything to run. */
  sawTask = false;
  readonly bystanders: Map<number, Bystander> = new Map<number, Bystander>();
  readonly #runner: Pick<Runner, 'tasks'>;
  /** The tasks that ended with an error. It's not for here to keep what nobody else does. */
  readonly #objects = new WeakMap<object, Set<string>>();
  readonly #others = new Map<unknown, Set<string>>();
  #looked = false;

  constructor(runner: Pick<Runner, 'tasks'> & { readonly events$: Observable<LifecycleEvent> }) {
    this.#runner = runner;
    // eslint-disable-next-line rxjs-x/no-ignored-error -- events$ never errors
    runner.events$.subscribe((event) => {
      this.#see(event);
    });
  }

  get hasSomethingToRun(): boolean {
    return this.sawTask || this.#runner.tasks().length > 0;
  }

  /** Whether a task has ended with this failure, for good, while the runner went on. */
  hasLost({ task, error }: Failure): boolean {
    return this.#lost(error).has(task);
  }

  #see(event: LifecycleEvent): void {
    if ('task' in event) this.sawTask = true;
    switch (event.type) {
      case 'overdue':
        this.#note(event.id, { overdue: true });
        break;
      case 'exit':
        this.#note(event.id, { end: event });
        if (event.fatal) this.#look(event.at);
        else if (event.outcome === 'failed' && event.origin === 'adopt') {
          this.#lost(event.error).add(event.task);
        }
        break;
      case 'shutdown':
        this.#look(event.at);
        break;
      default:
    }
  }

  #lost(error: unknown): Set<string> {
    const found = isObject(error) ? this.#objects.get(error) : this.#others.get(error);
    if (found) return found;
    const tasks = new Set<string>();
    if (isObject(error)) this.#objects.set(error, tasks);
    else this.#others.set(error, tasks);
    return tasks;
  }

  #note(id: number, what: Partial<Bystander>): void {
    const bystander = this.bystanders.get(id);
    if (bystander) Object.assign(bystander, what);
  }

  #look(at: number): void {
    if (this.#looked) return;
    this.#looked = true;
    for (const info of this.#runner.tasks()) this.bystanders.set(info.id, { info, at });
  }
}

const isObject = (error: unknown): error is object =>
  (typeof error === 'object' && error !== null) || typeof error === 'function';
