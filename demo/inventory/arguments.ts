import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const HELP = `Takes inventory of a directory tree: sizes, SHA-256 digests, duplicates.

  npm run demo [-- [options] [DIR]]

  DIR                the tree, by default this package's own node_modules
  --concurrency N    files digested at a time, each on a thread (default: one for each core)
  --batch N          files reported at a time (default 100)
  --drop-rate P      how often the collector, to which batches are reported,
                     hangs up on one: 0 to 0.9 (default 0.05)
  --help             this text

Ctrl-C stops gracefully and prints what there is by then; a second one stops at once.
Exit codes: 0 done, or stopped as asked; 1 a failure; 2 bad arguments.`;

export interface Settings {
  readonly root: string;
  readonly concurrency: number;
  readonly batch: number;
  readonly dropRate: number;
}

/** What the user got wrong, in one line. */
export class BadArguments extends Error {}

/** @returns The settings, or nothing when it's help that is wanted. */
export function readArguments(args: readonly string[]): Settings | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (positionals.length > 1) throw new BadArguments(`one DIR at a time: ${positionals.join(' ')}`);
  return {
    root: aDirectory(positionals[0]),
    concurrency: aNumber('--concurrency', values.concurrency, 1, 256),
    batch: aNumber('--batch', values.batch, 1, 100_000),
    dropRate: aNumber('--drop-rate', values['drop-rate'], 0, 0.9),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        concurrency: { type: 'string', default: String(availableParallelism()) },
        batch: { type: 'string', default: '100' },
        'drop-rate': { type: 'string', default: '0.05' },
      },
    });
  } catch (error) {
    // Node adds a hint, after the first sentence.
    throw new BadArguments((error as Error).message.split('. ')[0]);
  }
}

function aNumber(option: string, given: string, min: number, max: number): number {
  const value = Number(given);
  const isWhole = Number.isInteger(value) || min === 0;
  if (given.trim() && isWhole && value >= min && value <= max) return value;
  const kind = min === 0 ? 'number' : 'whole number';
  throw new BadArguments(`${option} is "${given}": give a ${kind} from ${min} to ${max}`);
}

function aDirectory(given: string | undefined): string {
  const root =
    given === undefined
      ? fileURLToPath(new URL('../../node_modules', import.meta.url))
      : resolve(whereTheUserIs(), given);
  try {
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadArguments(`DIR can't be read (${code}): ${root}`);
  }
  throw new BadArguments(`DIR is not a directory: ${root}`);
}

/** npm runs scripts in the package's folder, whatever folder it was called in. */
function whereTheUserIs(): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return (script === 'demo' ? folder : undefined) ?? '';
}
