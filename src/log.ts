import { createRequire } from 'node:module';
import type debug from 'debug';

/** Writes a line if somebody wants to see it, formatted as `util.format` does, and `%o` and `%O`. */
export type Log = (format: string, ...values: unknown[]) => void;

const require = createRequire(import.meta.url);

/**
 * Makes the logger of one part of the machinery: `DEBUG=rxvisor:*` shows them all, on stderr.
 * What a lifecycle event can say is never logged here.
 */
export function log(part: string): Log {
  let write: debug.Debugger | undefined;
  return (format, ...values) => {
    // `debug` keeps there what is to be shown, also when it's told later. Whoever shows nothing needn't load it.
    if (!process.env.DEBUG) return;
    write ??= (require('debug') as typeof debug)(`rxvisor:${part}`);
    write(format, ...values);
  };
}
