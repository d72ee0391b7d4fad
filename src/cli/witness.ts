import type { Observable } from 'rxjs';
import type { ExitEvent, LifecycleEvent } from '../lifecycle/events.js';
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
  readonly failedMembers: ExitEvent[] = [];
  readonly bystanders: Map<number, Bystander> = new Map<number, Bystander>();
  readonly #runner: Pick<Runner, 'tasks'>;
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
          this.failedMembers.push(event);
        }
        break;
      case 'shutdown':
        this.#look(event.at);
        break;
      default:
    }
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
