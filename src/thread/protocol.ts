import type { MessagePort } from 'node:worker_threads';
import type { Overflow } from '../task/threaded-payload.js';
import type { EncodedError } from './error-codec.js';

// What is said over the port between the main thread and a thread, in batches: one port message is
// what one tick holds. A payload's notifications come in order; nothing follows its `over`.
//
//   main                                   thread
//    │ ◀────────────────────────── hello ── │   it has started
//    │ ── define, enter ─────────────────▶ │   an export to run, then one attempt of it
//    │ ◀──────── loading, loaded ────────── │   its module, once per thread
//    │ ◀──────── result ─────────────────── │   its only value and its end in one: most payloads
//    │ ◀──────── ready, values ──────────── │   else as many as it has credit for
//    │ ── credit ────────────────────────▶ │   so many have been consumed
//    │ ── cancel ────────────────────────▶ │   context.signal aborts
//    │ ◀──────── completed, failed ──────── │   teardown begins (or refused: a value can't be cloned)
//    │ ◀──────── over ───────────────────── │   it has ended, teardown included
//    │ ── close ─────────────────────────▶ │   it's not needed any more
//    │ ◀──────── dying, exiting ─────────── │   its last words
//
// Whose turn it is, is said in shared memory: see `Seats`.

/** To a thread. */
export const DEFINE = 0;
export const ENTER = 1;
export const CREDIT = 2;
export const CANCEL = 3;
export const CLOSE = 4;

/** From a thread. Those from READY to REFUSED are about an attempt. */
export const HELLO = 10;
export const LOADING = 11;
export const LOADED = 12;
export const READY = 13;
export const VALUES = 14;
export const COMPLETED = 15;
export const FAILED = 16;
export const OVER = 17;
/** `values` of one value, `completed` and `over` in one: most payloads. */
export const RESULT = 18;
/** `failed`, for a value that can't be cloned; the error is why. */
export const REFUSED = 19;
export const DYING = 20;
export const EXITING = 21;

/** An export to run, known on a thread by its number from then on. */
export type Define = readonly [
  typeof DEFINE,
  target: number,
  module: string,
  name: string,
  window: number,
  overflow: Overflow,
  /** A service's class: to be constructed, then run. */
  isService?: true,
];

/** One attempt. Its id is also what is in its seat until it's entered. */
export type Enter = readonly [
  typeof ENTER,
  id: number,
  seat: number,
  target: number,
  args: readonly unknown[],
  task: string,
  attempt: number,
];

export type ToThread =
  | Define
  | Enter
  | readonly [typeof CREDIT, id: number, values: number]
  | readonly [typeof CANCEL, id: number, reason: EncodedError]
  | readonly [typeof CLOSE];

export type FromThread =
  | readonly [typeof HELLO]
  | readonly [typeof LOADING]
  | readonly [typeof LOADED, wasLoaded: boolean]
  | readonly [typeof READY, id: number]
  | readonly [typeof VALUES, id: number, values: unknown[]]
  | readonly [typeof COMPLETED, id: number]
  /** Without an error it has thrown its `signal.reason`: as asked. */
  | readonly [typeof FAILED, id: number, error?: EncodedError]
  /** What failed in its teardown. */
  | readonly [typeof OVER, id: number, errors?: readonly EncodedError[]]
  | readonly [typeof RESULT, id: number, value: unknown]
  | readonly [typeof REFUSED, id: number, error: EncodedError]
  | readonly [typeof DYING, reason: 'uncaught' | 'unhandled-rejection', error: EncodedError]
  | readonly [typeof EXITING, code: number];

/** Which attempt a message from a thread is about, if it's about one. */
export const idOf = (message: FromThread): number | undefined =>
  message[0] >= READY && message[0] <= REFUSED ? (message[1] as number) : undefined;

/** What a thread is given as it's started. */
export interface Equipment {
  readonly port: MessagePort;
  readonly seats: Int32Array;
  /** How many payloads it may run at a time. */
  readonly overlap: number;
}
