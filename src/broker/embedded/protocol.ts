import type { EncodedError } from '../../thread/error-codec.js';
import type { Touch } from '../heartbeats/beat.js';
import type { Rows } from '../pg-boss.js';

/** What the thread of a database is made with. */
export interface Equipment {
  readonly dataDir: string;
}

/** What it's asked. Statements are executed one after the other, in the order in which they come. */
export type ToDatabase =
  | {
      readonly type: 'execute';
      readonly id: number;
      readonly text: string;
      readonly values?: unknown[];
    }
  | { readonly type: 'beat'; readonly beat: number; readonly touch: Touch }
  | { readonly type: 'page'; readonly beat: number; readonly page: Int32Array }
  | { readonly type: 'still'; readonly beat: number }
  | { readonly type: 'close' };

/** What a statement has given. */
export interface Executed extends Rows {
  /** The columns that hold JSON, which is still a text. */
  readonly json: readonly string[];
}

/** What it says. */
export type FromDatabase =
  | { readonly type: 'open' }
  | { readonly type: 'executed'; readonly id: number; readonly results: readonly Executed[] }
  | { readonly type: 'failed'; readonly id: number; readonly error: EncodedError }
  | { readonly type: 'heard'; readonly channel: string; readonly text: string }
  /** It could not be opened. */
  | { readonly type: 'refused'; readonly error: EncodedError };
