import { shared } from '../shared.js';

const KEY = 'thread';

/** Marks this thread as one of the package's own: what's made in it is part of some payload. */
export const markThread = (): boolean => shared(KEY, () => true);

/** Whether it is one, whatever copy of this package has started it. */
export const isInThread = (): boolean => Object.hasOwn(globalThis, Symbol.for(`rxvisor.${KEY}`));
