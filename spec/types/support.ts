/**
 * Type specs are compiled (`npm run types`) and never run: `Expect<Equal<A, B>>` doesn't compile when
 * the two differ, and a `@ts-expect-error` doesn't when there is no error.
 */
export type Expect<T extends true> = T;

/** Whether two types are the same, `any` and `readonly` included. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** What an Observable, a promise or an async iterable brings. */
export type Brought<T> = T extends import('rxjs').Observable<infer V>
  ? V
  : T extends AsyncIterable<infer V>
    ? V
    : T extends PromiseLike<infer V>
      ? V
      : never;
