import { coreOf } from './core-of.js';

/**
 * Tells a runner that something is to be adopted in a moment: until then it isn't idle.
 *
 * @returns What says that it has been.
 */
export const expectAdoption = (runner: object): (() => void) => coreOf(runner).expect();
