import debug from 'debug';

/**
 * Makes the logger of one part of the machinery: `DEBUG=rxvisor:*` shows them all, on stderr.
 * What a lifecycle event can say is never logged here.
 */
export const log = (part: string): debug.Debugger => debug(`rxvisor:${part}`);
