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
  --data-dir DIR     where findings are kept (default .rxvisor/inventory in this package)
  --slow MS          how long it takes to enter a batch in the ledger (default 0),
                     so that some are left if you kill it: the next run enters them
  --help             this text

Batches are jobs: in a database that is a folder in --data-dir, for one process at
a time, or in the PostgreSQL that DATABASE_URL names, for any number of them: there
what was being entered as a run was killed is left alone for ten seconds.

Ctrl-C stops gracefully and prints what there is by then; a second one stops at once.
Exit codes: 0 done, or stopped as asked; 1 a failure; 2 bad arguments.`;

export interface Settings {
  readonly root: string;
  readonly concurrency: number;
  readonly batch: number;
  readonly dropRate: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly slow: number;
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
    dataDir: aPath(values['data-dir'], '../../.rxvisor/inventory'),
    databaseUrl: process.env.DATABASE_URL,
    slow: aNumber('--slow', values.slow, 0, 60_000),
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
        'data-dir': { type: 'string' },
        slow: { type: 'string', default: '0' },
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
  const root = aPath(given, '../../node_modules');
  try {
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadArguments(`DIR can't be read (${code}): ${root}`);
  }
  throw new BadArguments(`DIR is not a directory: ${root}`);
}

/** @param otherwise  Where it is in this package if it isn't given. */
function aPath(given: string | undefined, otherwise: string): string {
  return given === undefined
    ? fileURLToPath(new URL(otherwise, import.meta.url))
    : resolve(whereTheUserIs(), given);
}

/** npm runs scripts in the package's folder, whatever folder it was called in. */
function whereTheUserIs(): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return (script === 'demo' ? folder : undefined) ?? '';
}
