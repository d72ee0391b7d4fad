import { Observable, type Subscriber, type Subscription, asyncScheduler } from 'rxjs';
import { toPlainText } from '../../backends/job.js';
import { type Exchange, inSlices } from './exchange.js';
import { scheduleEvery } from '../../schedulers/schedule-in.js';

/** How often it's said that somebody watches, in ms, and for how long that is heeded. */
const WATCH_EVERY = 2_000;
const HEEDED = 3 * WATCH_EVERY;

/** What doesn't, or is too long to be said, is left out. */
function survivesJson(value: unknown): boolean {
  try {
    return toPlainText(value, 'progress') !== '';
  } catch {
    return false;
  }
}

/** Where it's known which jobs are over. */
interface Source {
  settled(ids: readonly string[]): Promise<string[]>;
}

/**
 * What running jobs emit, for those who watch them, wherever they are: said only while somebody does, and
 * kept by nobody. Who comes late, or is busy, has missed it.
 */
export class Progress {
  readonly #source: Source;
  readonly #exchange: Exchange;
  readonly #failed: (error: unknown) => void;
  readonly #watchers = new Map<string, Set<Subscriber<unknown>>>();
  /** Until when what a job emits is said. */
  readonly #heeded = new Map<string, number>();
  #watching: Subscription | undefined;

  constructor(source: Source, exchange: Exchange, failed: (error: unknown) => void) {
    this.#source = source;
    this.#exchange = exchange;
    this.#failed = failed;
  }

  open(): void {
    this.#exchange.on('watch', ({ ids }) => {
      const now = asyncScheduler.now();
      for (const [id, until] of this.#heeded) if (until < now) this.#heeded.delete(id);
      for (const id of ids) this.#heeded.set(id, now + HEEDED);
    });
    this.#exchange.on('progress', ({ id, values, isOver }) => {
      for (const watcher of [...(this.#watchers.get(id) ?? [])]) {
        for (const value of values) watcher.next(value);
        if (isOver) watcher.complete();
      }
    });
  }

  /** Hot, and lossy. Completes when the job is over, however it has ended. */
  progress$(id: string): Observable<unknown> {
    return new Observable((subscriber) => {
      const watchers = this.#watchers.get(id) ?? new Set();
      this.#watchers.set(id, watchers.add(subscriber));
      this.#watch();
      return () => {
        watchers.delete(subscriber);
        if (watchers.size === 0) this.#watchers.delete(id);
        if (this.#watchers.size === 0) this.#rest();
      };
    });
  }

  /** A job that is done here has emitted something. */
  emitted(id: string, value: unknown): void {
    if (this.#isHeeded(id) && survivesJson(value)) this.#exchange.sayProgress(id, value);
  }

  over(id: string): void {
    if (this.#isHeeded(id)) this.#exchange.sayOver(id);
  }

  close(): void {
    for (const watchers of [...this.#watchers.values()]) {
      for (const watcher of [...watchers]) watcher.complete();
    }
  }

  #isHeeded(id: string): boolean {
    return (this.#heeded.get(id) ?? 0) >= asyncScheduler.now();
  }

  #watch(): void {
    const look = () => {
      this.#look().catch(this.#failed);
    };
    this.#watching?.unsubscribe();
    look();
    this.#watching = scheduleEvery(WATCH_EVERY, look);
  }

  #rest(): void {
    this.#watching?.unsubscribe();
  }

  async #look(): Promise<void> {
    const ids = [...this.#watchers.keys()];
    for (const some of inSlices(ids)) this.#exchange.say({ type: 'watch', ids: some });
    for (const id of await this.#source.settled(ids)) {
      for (const watcher of [...(this.#watchers.get(id) ?? [])]) watcher.complete();
    }
  }
}
