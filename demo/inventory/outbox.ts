import { AsyncSubject, type Observable, Subject, defer, from, merge } from 'rxjs';
import type { Digest } from './digest.js';

/** What is reported at a time. Its id is what lets the collector know it again. */
export interface Batch {
  readonly id: number;
  readonly files: readonly { path: string; size: number; sha256: string }[];
}

/**
 * Between the digester and the uplink: gathers digests into batches, and keeps each batch until the
 * collector has acknowledged it, whatever becomes of the connections that it's sent over.
 */
export class Outbox {
  /** Batches that have been made, and of these the acknowledged ones. */
  made = 0;
  acknowledged = 0;
  readonly #size: number;
  readonly #kept = new Map<number, Batch>();
  readonly #fresh = new Subject<Batch>();
  readonly #drained = new AsyncSubject<'drained'>();
  #gathering: Digest[] = [];
  #isClosed = false;

  /** All that is to be sent: what is kept already, then what is made. Each subscription is another try. */
  readonly waiting$: Observable<Batch> = defer(() =>
    merge(from([...this.#kept.values()]), this.#fresh),
  );

  /** Emits when nothing more is to come and everything is acknowledged; also to whoever comes late. */
  readonly drained$: Observable<'drained'> = this.#drained.asObservable();

  constructor(size: number) {
    this.#size = size;
  }

  add(digest: Digest): void {
    this.#gathering.push(digest);
    if (this.#gathering.length >= this.#size) this.#make();
  }

  /** Nothing more is to come. */
  close(): void {
    if (this.#gathering.length > 0) this.#make();
    this.#isClosed = true;
    this.#drainIfDone();
  }

  acknowledge(id: number): void {
    if (this.#kept.delete(id)) this.acknowledged++;
    this.#drainIfDone();
  }

  #make(): void {
    const files = this.#gathering.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
    const batch = { id: ++this.made, files };
    this.#gathering = [];
    this.#kept.set(batch.id, batch);
    this.#fresh.next(batch);
  }

  #drainIfDone(): void {
    if (!this.#isClosed || this.#kept.size > 0) return;
    this.#drained.next('drained');
    this.#drained.complete();
  }
}
