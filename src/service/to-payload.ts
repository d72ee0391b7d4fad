import type { AnyFunction, PayloadFunction } from '../task/shapes.js';
import { WINDOW, toURL } from '../task/threaded.js';
import { type ThreadedPayload, prepareCall } from '../task/threaded-payload.js';

/** Makes a payload of what is to be called, by the name that its task is to have: a second one is `#2`. */
export const toPayload = (name: string, run: PayloadFunction): PayloadFunction =>
  Object.defineProperty((context) => run(context), 'name', { value: name });

/**
 * Makes one of a class whose instance is constructed, with these arguments, where its `run` runs.
 *
 * @param below  What has been called for that: the payload says by whom.
 */
export const toThreadedPayload = (
  what: { readonly module: URL | string; readonly export: string; readonly name: string },
  args: readonly unknown[],
  below: AnyFunction,
): ThreadedPayload => {
  const module = toURL(what.module).href;
  const target = { ...what, module, isService: true, window: WINDOW, overflow: 'error' } as const;
  return prepareCall(target, args, below);
};
