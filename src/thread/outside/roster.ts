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
    const least = this.#leastLoaded();
    if (least && least.load < overlap) return least;
    if (this.threads.size < size) return NEW;
    return least && mayWait && least.load < overlap + least.pace.ahead ? least : undefined;
  }

  /** On whom something waits though it has said nothing for a while. One alone keeps what it has. */
  findStuck(now: number): Thread[] {
    if (this.threads.size < 2) return NONE;
    const isStuck = ({ load, pace }: Thread) =>
      load > this.#settings.overlap && now - pace.lastHeard > A_WHILE;
    return [...this.threads].filter(isStuck);
  }

  /** Who has nothing to do and who has too much, if there are both. */
  findShare(): { readonly idle: Thread; readonly late: readonly Thread[] } | undefined {
    const { overlap } = this.#settings;
    const all = [...this.threads];
    const idle = all.find((each) => each.load === 0 && !each.isStarting && isOpen(each));
    const late = all.filter(({ load, isStarting }) => load > overlap || (load > 0 && isStarting));
    return idle && late.length > 0 ? { idle, late } : undefined;
  }

  #leastLoaded(): Thread | undefined {
    let least: Thread | undefined;
    for (const thread of this.threads) {
      if (thread.load < (least?.load ?? SEATS) && isOpen(thread)) least = thread;
    }
    return least;
  }
}

const isOpen = ({ isLeaving, isSpent }: Thread) => !isLeaving && !isSpent;

/** In ms. */
const A_WHILE = 20;
const NONE: Thread[] = [];
