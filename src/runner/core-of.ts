import type { Core } from './core.js';

/** Under a symbol, for a runner may be of another copy of this package. */
const CORE = Symbol.for('rxvisor.core');

/** What a runner is to what belongs to the runtime itself. */
export const coreOf = (runner: object): Core => (runner as { readonly [CORE]: Core })[CORE];

/** Lets the core of a class of runners be found, for what belongs to the runtime itself. */
export function offerCore<R extends object>(
  { prototype }: { readonly prototype: R },
  coreOf: (runner: R) => Core,
): void {
  Object.defineProperty(prototype, CORE, {
    get(this: R) {
      return coreOf(this);
    },
  });
}
