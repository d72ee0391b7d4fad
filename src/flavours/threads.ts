import { InvalidOptionError } from '../errors.js';
import { THREAD } from './flavours.js';
import type { Entry, ExecuteOptions, Flavour } from '../task/shapes.js';
import type { ThreadedPayload } from '../task/threaded-payload.js';
import type { ThreadOptions } from '../thread/options.js';
import type { OwnThread } from '../thread/outside/own-thread.js';
import { ThreadScheduler, isThreadScheduler } from '../thread/thread-scheduler.js';

/** The flavour of an adopted threaded payload, which has a thread to itself. */
export interface OwnFlavour extends Flavour {
  /** Lets the thread go: the life is over. */
  readonly release: () => void;
}

type Wanted = Pick<ExecuteOptions<readonly unknown[]>, 'flavour' | 'args'>;

/** What is known of a flavour with threads, be it `thread`. */
interface Threading {
  readonly name: string;
  readonly scheduler: ThreadScheduler;
}

/** Whether a flavour has threads: be it the runner's own, or one that is made of a {@link ThreadScheduler}. */
export const isOfThreads = (flavour: string | Flavour | undefined): boolean =>
  typeof flavour === 'object' ? isThreadScheduler(flavour.scheduler) : flavour === THREAD;

/** The flavour `thread` of one runner. Nothing of it is loaded before there's something to run. */
export class Threads {
  readonly #ours: Threading;
  /** Those that were handed in are closed by whoever has made them. */
  readonly #isOurs: boolean;
  /** Threads of adopted tasks that are over, until they're gone. */
  readonly #leaving = new Set<Promise<void>>();
  /** Of the last execution: most have the same one. */
  #pooled: Flavour | undefined;

  /** @throws {@link InvalidOptionError} */
  constructor(threads: ThreadOptions | ThreadScheduler = {}) {
    this.#isOurs = !isThreadScheduler(threads);
    const scheduler = isThreadScheduler(threads) ? threads : new ThreadScheduler(threads);
    this.#ours = { name: THREAD, scheduler };
  }

  /**
   * For an execution: on a thread of the pool, when one is free.
   *
   * @throws {@link InvalidOptionError} for a flavour that has no threads, and for arguments besides the payload's.
   */
  pooled(options: Wanted | undefined): Flavour {
    const { name, scheduler } = this.#find(options);
    const known = this.#pooled;
    if (known?.name === name && known.scheduler === scheduler) return known;
    return (this.#pooled = {
      name,
      scheduler,
      enter: (entry) => {
        scheduler.enter(entry, entry.payload as ThreadedPayload);
      },
    });
  }

  /** For an adopted task: on a thread of its own, beside the pool. Throws as `pooled` does. */
  own(options: Wanted | undefined): OwnFlavour {
    const { name, scheduler } = this.#find(options);
    let thread: OwnThread | undefined;
    return {
      name,
      scheduler: scheduler.beside,
      enter: (entry: Entry) => {
        thread ??= scheduler.own();
        thread.enter(entry, entry.payload as ThreadedPayload);
      },
      release: () => {
        this.#letGo(thread?.end());
      },
    };
  }

  /** Ends the threads that are the runner's, and awaits all of its tasks'. Nothing if there's none. */
  close(): Promise<unknown> | undefined {
    const { scheduler } = this.#ours;
    const closing = [...this.#leaving];
    if (this.#isOurs && scheduler.isLoaded) closing.push(scheduler.close());
    return closing.length > 0 ? Promise.all(closing) : undefined;
  }

  #letGo(gone: Promise<void> | undefined): void {
    if (!gone) return;
    this.#leaving.add(gone);
    void gone.then(() => this.#leaving.delete(gone));
  }

  #find({ flavour = THREAD, args }: Wanted = {}): Threading {
    if (args && args.length > 0) {
      throw new InvalidOptionError('args', args, 'a payload made by threaded() has its arguments');
    }
    if (flavour === THREAD) return this.#ours;
    if (typeof flavour === 'object' && isThreadScheduler(flavour.scheduler)) {
      return { name: flavour.name, scheduler: flavour.scheduler };
    }
    throw new InvalidOptionError(
      'flavour',
      typeof flavour === 'object' ? flavour.name : flavour,
      "a payload made by threaded() runs on a thread: leave it out, or give 'thread', or a flavour made of a ThreadScheduler",
    );
  }
}
