import type { Beating, Touch } from './heartbeats/beat.js';
import type { Rows } from './pg-boss.js';

/** A database, as the broker uses it, wherever it is. */
export interface Database {
  /** Whether it's in this process, so that there's one connection and no other process. */
  readonly isEmbedded: boolean;
  /** @returns A promise that rejects with {@link BackendDownError} if it's the connection that fails. */
  executeSql(text: string, values?: unknown[]): Promise<Rows>;
  /** Rejects with {@link BackendDownError} if there's no answer within that time, in ms. */
  answersWithin(time: number): Promise<void>;
  /** Nobody waits for an answer any more: what is asked fails with {@link BackendClosedError}, also what has been asked. */
  abandon(): void;
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
