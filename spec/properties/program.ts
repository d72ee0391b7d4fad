/** What a program of the tests is made of: plain data, so that it can be drawn, shrunk and printed. */

export type Emission =
  'undefined' | 'null' | 'zero' | 'false' | 'an empty string' | 'an empty list' | 'a value';

export type Fault =
  | 'an Error'
  | 'undefined'
  | 'null'
  | 'a string'
  | 'an AbortError'
  | 'StopRestarting'
  | 'StopRestarting with a cause'
  | 'its stop reason';

/** When a teardown is done; `Infinity`: not before everything else is over. */
export interface Teardown {
  readonly after: number | 'at once';
  readonly fault?: Fault | undefined;
  readonly asks?: Ask | undefined;
}

export type Ask = 'stop' | 'restart' | 'shutdown';

/** What a payload may do, at any time. */
export type Act =
  | { readonly act: 'emit'; readonly value: Emission }
  | { readonly act: 'ready' }
  | { readonly act: 'fail'; readonly fault: Fault }
  | { readonly act: 'complete' }
  | { readonly act: 'teardown'; readonly teardown: Teardown }
  | { readonly act: 'adopt'; readonly task: Task; readonly watched: boolean }
  | { readonly act: 'execute'; readonly task: Task }
  | { readonly act: 'ask'; readonly ask: Ask }
  /** A supervised pipe unsubscribes its source, and goes on. */
  | { readonly act: 'drop' };

/** One attempt of a payload. */
export interface Script {
  readonly enters: readonly Act[];
  /** The function throws at its end. */
  readonly throws?: Fault | undefined;
  readonly later: readonly { readonly after: number; readonly act: Act }[];
  /** Once its signal is aborted; without one it ignores that, for ever. */
  readonly stops?: { readonly after: number | 'at once'; readonly act: Act } | undefined;
  /** What the finalizer of its Observable throws. */
  readonly finalizer?: Fault | undefined;
}

export type Shape =
  | 'an Observable'
  | 'a function'
  | 'a function that reads its signal'
  | 'a promise'
  | 'a promise that reads its signal'
  | 'a group'
  | 'a supervised pipe';

export type BackoffSpec =
  | { readonly kind: 'constant'; readonly delay: number }
  | {
      readonly kind: 'exponential';
      readonly initial: number;
      readonly factor: number;
      readonly max: number;
      readonly jitter: 'none' | 'equal' | 'full';
    }
  | {
      readonly kind: 'linear';
      readonly initial: number;
      readonly step: number;
      readonly max: number;
    }
  | { readonly kind: 'odd'; readonly delay: number }
  | { readonly kind: 'throws' };

export interface Terms {
  readonly restart?: 'never' | 'on-failure' | 'always' | undefined;
  readonly backoff?: BackoffSpec | undefined;
  readonly resetAfter?: number | undefined;
  readonly maxRestarts?: number | undefined;
  readonly within?: number | undefined;
  readonly grace?: number | undefined;
  readonly awaitReady?: boolean | undefined;
  readonly errors?: 'fatal' | 'deliver' | undefined;
}

export interface Task {
  readonly shape: Shape;
  /** For the attempts in turn; the last one is for all that follow. */
  readonly scripts: readonly Script[];
  readonly terms: Terms;
  /** Of a group. */
  readonly members?: readonly Member[] | undefined;
  readonly strategy?: 'one-for-one' | 'one-for-all' | 'rest-for-one' | undefined;
  /** What is piped through `supervise`. */
  readonly source?: Task | undefined;
}

export interface Member {
  readonly task: Task;
  /** By their places in the list. */
  readonly after: readonly number[];
  readonly significant: boolean;
}

/** Tasks are counted in the order of their coming, children and executions too; modulo their number. */
export type Command =
  | { readonly do: 'run' }
  | { readonly do: 'adopt'; readonly task: Task; readonly watched: boolean }
  | { readonly do: 'execute'; readonly task: Task }
  | { readonly do: 'subscribe'; readonly nth: number }
  | { readonly do: 'unsubscribe'; readonly nth: number }
  | { readonly do: 'act'; readonly nth: number; readonly act: Act }
  | { readonly do: 'stop'; readonly nth: number; readonly by: 'task' | 'name' }
  | { readonly do: 'restart'; readonly nth: number }
  | { readonly do: 'shutdown' }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'observe' }
  | {
      readonly do: 'misuse';
      readonly nth: number;
      readonly how: 'duplicate name' | 'unknown task' | 'payload' | 'option';
    };

/** An observer of `events$` that does something about what it sees, once. */
export interface Meddler {
  readonly sees: string;
  readonly then: Command;
}

export interface Program {
  readonly grace: number;
  readonly shutdownTimeout: number;
  readonly meddlers: readonly Meddler[];
  readonly commands: readonly Command[];
}
