import { peek, show } from '../../show.js';
import { oneLine } from '../../observability/printable.js';
import { type Module, showPath } from './find-module.js';
import { inTransform, positionOf } from './position-of.js';
import { isTypeScript, usesTsx } from './typescript.js';

/** Says in one line why a module can't be loaded: `poller.ts:12: SyntaxError: Unexpected token '}'`. */
export async function sayLoadFailure(module: Module, error: unknown): Promise<string> {
  const { file = module.path, line } = (await positionOf(module, error)) ?? {};
  const place = `${showPath(file)}${line === undefined ? '' : `:${line}`}`;
  const way = file === module.path ? '' : ` (loaded by ${module.shown})`;
  return `${place}: ${reasonOf(error, file)}${way}`;
}

function reasonOf(error: unknown, file: string): string {
  const message = peek(error, 'message');
  const code = peek(error, 'code');
  if (typeof message !== 'string') return `it threw ${show(error)}`;
  const transform = inTransform(message);
  if (transform) return `SyntaxError: ${transform.reason}`;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    return message.replace(/\n[^]*| imported from .*/, '');
  }
  if (code === 'ERR_RXVISOR_MISSING_PACKAGE') return message;
  if (code === 'ERR_RXVISOR_RUNNER_STATE' && message.includes('run()')) {
    return 'it calls run() of the runtime, which the command does: leave it out';
  }
  const isStripped = peek(error, 'name') === 'SyntaxError' && isTypeScript(file) && !usesTsx();
  const name = peek(error, 'name');
  const reason = typeof name === 'string' ? oneLine(`${name}: ${message}`) : show(error);
  return isStripped ? `${reason} (${NEEDS_TSX})` : reason;
}

/** Node strips types, and nothing else. */
const NEEDS_TSX = 'decorators, and what else is more than types, need tsx: npm install tsx';
