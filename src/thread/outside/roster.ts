import type { ThreadSettings } from '../options.js';
import { SEATS } from '../seats.js';
import type { Thread } from './thread.js';

/** A thread that is to be started when there's something for it. */
export const NEW = 'new';
export type Place = Thread | typeof NEW;

/** The threads of a pool, and which of them is next. */
export class Roster {
  readonly threads: Set<Thread> = new Set<Thread>();
  readonly #settings: ThreadSettings;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  /**
   * Where the next one may run: on a thread that has nothing to do, on a new one, or, if it may wait
   * there, on one that is busy.
   */
  findPlace(mayWait: boolean): Place | undefined {
    const { size, overlap } = this.#settings;
    const free = this.#leastLoaded(() => overlap);
    if (free) return free;
    if (this.threads.size < size) return NEW;
    return mayWait ? this.#leastLoaded(({ pace }) => overlap + pace.ahead) : undefined;
  }

  /** On whom something waits though it has said nothing for a while. One alone keeps what it has. */
  findStuck(now: number): Thread[] {
    if (this.threads.size < 2) return NONE;
    const isStuck = ({ load, pace }: Thread) =>
      load > this.#settings.overlap && now - pace.lastHeard > A_WHILE;
    return [...this.threads].filter(isStuck);
  }

  /** Who could do something, and who has too much, if there are both. */
  findShare(): { readonly idle: Place; readonly late: readonly Thread[] } | undefined {
    const { size, overlap } = this.#settings;
    const all = [...this.threads];
    const late = all.filter(({ load }) => load > overlap);
    if (late.length > 0 && all.length < size) return { idle: NEW, late };
    const idle = all.find((each) => each.load === 0 && !each.isStarting && isOpen(each));
    // It's up, and so is sooner at it than one that is still starting.
    late.push(...all.filter(({ load, isStarting }) => load > 0 && load <= overlap && isStarting));
    return idle && late.length > 0 ? { idle, late } : undefined;
  }

  #leastLoaded(most: (thread: Thread) => number): Thread | undefined {
    let least: Thread | undefined;
    for (const thread of this.threads) {
      const isLess = thread.load < Math.min(most(thread), least?.load ?? SEATS);
      if (isLess && isOpen(thread)) least = thread;
    }
    return least;
  }
}

const isOpen = ({ isLeaving, isSpent }: Thread) => !isLeaving && !isSpent;

/** In ms. */
const A_WHILE = 20;
const NONE: Thread[] = [];
