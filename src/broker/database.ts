import type { BackendDownError } from '../errors.js';
import type { Beating, Touch } from './heartbeats/beat.js';
import type { Rows } from './pg-boss.js';

/** A database, as the broker uses it, wherever it is. */
export interface Database {
  /** Whether it's in this process, so that there's one connection and no other process. */
  readonly isEmbedded: boolean;
  /** @returns A promise that rejects with {@link BackendDownError} if it's the connection that fails. */
  executeSql(text: string, values?: unknown[]): Promise<Rows>;
  /** @param why  What a connection has failed with, in a few words. */
  toDown(why: string): BackendDownError;
  /** Hears what is said on some channels, for as long as it's not closed, also after connections were lost. */
  listen(channels: readonly string[], listener: Listener): Promise<Listening>;
  /** Says again and again of claims that somebody is at them, whatever this thread is busy with. */
  beat(touch: Touch): Beating;
  close(): Promise<void>;
}

export interface Listener {
  readonly heard: (channel: string, text: string) => void;
  /** It listens again: what was said meanwhile has been missed. */
  readonly missed: () => void;
  /** It doesn't listen any more, and tries to. */
  readonly lost: (error: Error) => void;
}

export interface Listening {
  close(): void;
}
