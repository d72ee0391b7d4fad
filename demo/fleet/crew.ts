import { PLACES, TAKES } from './work.js';

/** What is known of a worker. */
export class Worker {
  readonly name: string;
  pid: number | undefined;
  /** Since when it does which jobs. */
  readonly running = new Map<number, number>();
  readonly done: number[] = [];
  /** Why it's gone, if it is. */
  end: string | undefined;
  /** The jobs that were lost with it. */
  lost: readonly number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Whether it's in the middle of all its jobs: killed now, it has neither just done one, nor is it about
   * to. A job is done at least once: killed between its last step and the word that it's done, it would
   * be done twice, and rightly so.
   */
  get isInTheMiddle(): boolean {
    const ages = [...this.running.values()].map((since) => Date.now() - since);
    return ages.length === PLACES && ages.every((age) => age > 100 && age < TAKES - 150);
  }

  gone(end: string): void {
    this.end = end;
    this.lost = [...this.running.keys()];
    this.running.clear();
  }
}

/** The fleet, and what has become of its jobs. */
export class Crew {
  readonly jobs: number;
  readonly workers: readonly Worker[];
  readonly #timesDone = new Map<number, number>();

  constructor(jobs: number, size: number) {
    this.jobs = jobs;
    this.workers = Array.from({ length: size }, (_, i) => new Worker(`worker-${i + 1}`));
  }

  didOne({ running, done }: Worker, n: number): void {
    running.delete(n);
    done.push(n);
    this.#timesDone.set(n, (this.#timesDone.get(n) ?? 0) + 1);
  }

  get done(): number {
    return this.#timesDone.size;
  }

  get doneTwice(): number {
    return [...this.#timesDone.values()].filter((times) => times > 1).length;
  }

  /** Those that were lost with a worker, and done by another one. */
  get takenOver(): number {
    return this.#lost.filter((n) => this.#timesDone.has(n)).length;
  }

  /** Lost with a worker, and not taken over yet. */
  get missing(): number {
    return this.#lost.length - this.takenOver;
  }

  get #lost(): number[] {
    return this.workers.flatMap(({ lost }) => lost);
  }
}
