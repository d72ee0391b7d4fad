import { Observable } from 'rxjs';

/** Yields as fast as it's asked to, and keeps count of it in shared memory. */
export function* generate(count: number, produced: Int32Array): Generator<number> {
  for (let n = 1; n <= count; n++) {
    Atomics.add(produced, 0, 1);
    yield n;
  }
}

/** Emits, whether anybody is ready for it or not. */
export function push(count: number): Observable<number> {
  return new Observable((subscriber) => {
    for (let n = 1; n <= count; n++) subscriber.next(n);
    subscriber.complete();
  });
}
