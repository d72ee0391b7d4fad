import type { Claimed } from '../jobs/stored-job.js';

// Which claims a process has, in memory that its threads share: so they're known to whoever says so to the
// database, whatever the main thread is busy with. A claim is six numbers: whether there's one, the four of
// its id, and how often it was claimed before. What is read while it's written is of no claim, and the
// database knows no such id.

/** How many claims a page holds. */
const PAGE = 1_024;
const CELLS = 6;

/** Claims as the database takes them. */
export interface ReadClaims {
  readonly ids: string[];
  readonly retryCounts: number[];
}

/** Writes down the claims of this process. */
export class Claims {
  readonly #added: (page: Int32Array) => void;
  readonly #pages: Int32Array[] = [];
  readonly #free: number[] = [];
  readonly #places = new Map<Claimed, number>();

  /** @param added  Hears of each page before a claim is on it. */
  constructor(added: (page: Int32Array) => void) {
    this.#added = added;
  }

  hold(claimed: Claimed): void {
    const place = this.#free.pop() ?? this.#grow();
    this.#places.set(claimed, place);
    const [page, at] = this.#find(place);
    writeId(claimed.id, page, at + 1);
    page[at + 5] = claimed.retryCount;
    Atomics.store(page, at, 1);
  }

  release(claimed: Claimed): void {
    const place = this.#places.get(claimed);
    if (place === undefined) return;
    const [page, at] = this.#find(place);
    Atomics.store(page, at, 0);
    this.#places.delete(claimed);
    this.#free.push(place);
  }

  #find(place: number): [page: Int32Array, at: number] {
    const page = this.#pages[Math.floor(place / PAGE)];
    if (!page) throw new RangeError(`there is no place ${place}`);
    return [page, (place % PAGE) * CELLS];
  }

  #grow(): number {
    const page = new Int32Array(new SharedArrayBuffer(PAGE * CELLS * Int32Array.BYTES_PER_ELEMENT));
    const first = this.#pages.push(page) * PAGE - PAGE;
    for (let n = PAGE - 1; n > 0; n--) this.#free.push(first + n);
    this.#added(page);
    return first;
  }
}

export function readClaims(pages: readonly Int32Array[]): ReadClaims {
  const ids: string[] = [];
  const retryCounts: number[] = [];
  for (const page of pages) {
    for (let at = 0; at < page.length; at += CELLS) {
      if (Atomics.load(page, at) === 0) continue;
      ids.push(toId(page.subarray(at + 1, at + 5)));
      retryCounts.push(page[at + 5] ?? 0);
    }
  }
  return { ids, retryCounts };
}

/** In four numbers. */
function writeId(id: string, page: Int32Array, at: number): void {
  const digits = id.replaceAll('-', '');
  for (let n = 0; n < 4; n++) page[at + n] = parseInt(digits.slice(n * 8, n * 8 + 8), 16);
}

/** Without its hyphens, which PostgreSQL doesn't need. */
const toId = (numbers: Int32Array): string =>
  Array.from(numbers, (each) => (each >>> 0).toString(16).padStart(8, '0')).join('');
