import type { PayloadFunction } from '../task/shapes.js';
import { WINDOW, toURL } from '../task/threaded.js';
import { type ThreadedPayload, prepareCall } from '../task/threaded-payload.js';

/** Makes a payload of what is to be called, by the name that its task is to have: a second one is `#2`. */
export const toPayload = (name: string, run: PayloadFunction): PayloadFunction =>
  Object.defineProperty((context) => run(context), 'name', { value: name });

/** Makes one of a class whose instance is constructed, with these arguments, where its `run` runs. */
export function toThreadedPayload(
  Class: { readonly name: unknown },
  module: URL | string,
  name: string,
  args: readonly unknown[],
): ThreadedPayload {
  const target = {
    module: toURL(module).href,
    export: String(Class.name),
    name,
    isService: true,
    window: WINDOW,
    overflow: 'error',
  } as const;
  return prepareCall(target, [...args], toThreadedPayload);
}
