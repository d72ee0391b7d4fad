import type { LifecycleEvent, StopReason, TaskInfo } from '../../src/index.js';
import type { Actor, Listener } from './actor.js';
import type { Turn } from './turn.js';

/** What an attempt was at one moment, as far as its payload can know. */
export interface Standing {
  /** The source could still notify: it had been entered, had not ended and was not left. */
  readonly open: boolean;
  /** It was the current attempt of a life that was not over. */
  readonly living: boolean;
  /** It had been asked to stop before it ended by itself. */
  readonly asked: boolean;
  /** It had crashed: by an orphaned value, or in the teardown after a completion. */
  readonly crashed: boolean;
  /** The runner was down. */
  readonly down: boolean;
}

/** An error may be anything, `undefined` too. */
export type Failing = { readonly error: unknown } | undefined;

export interface Emitted extends Standing {
  readonly fact: 'emitted';
  readonly turn: Turn;
  readonly value: unknown;
  readonly audience: readonly Listener[];
  readonly takers: readonly Listener[];
}

export interface Ended extends Standing {
  readonly fact: 'ended';
  readonly turn: Turn;
  readonly how: 'complete' | 'error';
  readonly failure: Failing;
}

/** The finalizer of an Observable ran, or a teardown is over. */
export interface TornDown extends Standing {
  readonly fact: 'finalized' | 'teardown over';
  readonly turn: Turn;
  readonly which: number;
  readonly failure: Failing;
}

export interface Asked {
  readonly fact: 'asked';
  readonly what: 'run' | 'stop' | 'restart' | 'shutdown' | 'unsubscribe';
  /** Undefined: the runner. */
  readonly actor: Actor | undefined;
  /** The runner's tasks just before, by id. */
  readonly before: ReadonlyMap<number, TaskInfo>;
  readonly message: string | undefined;
}

/** One thing that happened: told by the runner, or really done by a payload or a user. */
export type Fact =
  | { readonly fact: 'told'; readonly event: LifecycleEvent }
  | { readonly fact: 'born'; readonly actor: Actor }
  | { readonly fact: 'entered'; readonly turn: Turn }
  | ({ readonly fact: 'readied'; readonly turn: Turn } & Standing)
  | Emitted
  | Ended
  | TornDown
  | { readonly fact: 'aborted'; readonly turn: Turn; readonly reason: StopReason }
  | {
      readonly fact: 'teardown added' | 'teardown began';
      readonly turn: Turn;
      readonly which: number;
    }
  | Asked
  | {
      readonly fact: 'refused';
      readonly call: string;
      readonly code: unknown;
      readonly wanted: string;
    };

/** `at` is the clock, `nth` the order. */
export type Happening = Fact & { readonly at: number; readonly nth: number };
