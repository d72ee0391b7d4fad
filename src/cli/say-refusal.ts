import { peek, show } from '../show.js';
import { oneLine, printable } from '../observability/printable.js';

/** Says in one line why nothing can be run; with `DEBUG` the stack of the reason, too. */
export function sayRefusal(error: unknown, env: NodeJS.ProcessEnv = process.env): string {
  const message = peek(error, 'message');
  const line = oneLine(typeof message === 'string' ? message : show(error));
  if (!env.DEBUG) return line;
  const stack = peek(peek(error, 'cause') ?? error, 'stack');
  return typeof stack === 'string' ? `${line}\n${printable(stack)}` : line;
}
