import type { PayloadFunction } from '../task/shapes.js';

/** Makes a payload of what is to be called, by the name that its task is to have: a second one is `#2`. */
export const toPayload = (name: string, run: PayloadFunction): PayloadFunction =>
  Object.defineProperty((context) => run(context), 'name', { value: name });
