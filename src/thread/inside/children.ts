import { createRequire } from 'node:module';
import type { StopReason } from '../../report.js';
import type { Adopt, Execute } from '../../task/shapes.js';

/** What the payload of one attempt has adopted and executed, in its own thread. */
export interface Children {
  readonly adopt: Adopt;
  readonly execute: Execute;
  /** Stops them all. Resolves when they're over, with what has failed and not been told; never rejects. */
  stop(reason: StopReason | undefined): Promise<readonly unknown[]>;
}

/** @param failed  Told what a child has failed with for good. */
export type RaiseChildren = (task: string, failed: (error: unknown) => void) => Children;

const require = createRequire(import.meta.url);

/**
 * Children are a runner's matter, and this thread has none until a payload asks: with RxJS it takes
 * longer to load than most payloads to run. They live in the thread of their parent, whose attempt
 * fails with what one of them fails with for good.
 */
export const raiseChildren: RaiseChildren = (task, failed) => {
  const { raise } = require('#thread-children') as { raise: RaiseChildren };
  return raise(task, failed);
};
