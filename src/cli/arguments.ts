import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import { LEVELS, type Level } from './log/level-of.js';

/** What `rxvisor run` is asked for. */
export interface RunCommand {
  readonly name: 'run';
  /** Paths as they were given. */
  readonly modules: readonly string[];
  /** What follows `--`: for the modules. */
  readonly args: readonly string[];
  readonly log: LogStyle;
  readonly logLevel: Level;
  /** A path, `'stdout'` or `'stderr'`. @default 'stderr' */
  readonly logTarget: string;
  readonly keepAlive: boolean;
  readonly watch: boolean;
}

/** What `rxvisor check` is asked for. */
export interface CheckCommand {
  readonly name: 'check';
  readonly modules: readonly string[];
  readonly args: readonly string[];
}

export interface HelpCommand {
  readonly name: 'help';
  readonly topic?: 'run' | 'check';
}

export type Command = RunCommand | CheckCommand | HelpCommand | { readonly name: 'version' };

export type LogStyle = 'pretty' | 'json' | 'silent';

const STYLES: readonly LogStyle[] = ['pretty', 'json', 'silent'];

const HELP = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

const RUN = {
  ...HELP,
  log: { type: 'string' },
  'log-level': { type: 'string' },
  'log-target': { type: 'string' },
  'keep-alive': { type: 'boolean' },
  watch: { type: 'boolean' },
} as const;

/**
 * Reads what the command was called with.
 *
 * @param argv  Without Node and the script.
 * @throws {@link UsageError}
 */
export function toCommand(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined) throw new UsageError('a command is missing: run or check');
  if (name === '--help' || name === '-h') return { name: 'help' };
  if (name === 'help') return toHelp(rest);
  if (name === '--version' || name === '-v') return { name: 'version' };
  if (name === 'run') return toRun(split(rest));
  if (name === 'check') return toCheck(split(rest));
  const wayOut = name.startsWith('-')
    ? 'the command comes first: rxvisor run [options] <module…>'
    : 'the commands are run and check';
  throw new UsageError(`there is no command "${name}": ${wayOut}`);
}

function toHelp([topic]: readonly string[]): Command {
  return topic === 'run' || topic === 'check' ? { name: 'help', topic } : { name: 'help' };
}

function toRun({ own, args }: Split): Command {
  const { values, positionals: modules } = parse(own, RUN);
  if (values.help) return { name: 'help', topic: 'run' };
  if (values.version) return { name: 'version' };
  const log = oneOf('log', values.log ?? 'pretty', STYLES);
  const logLevel = oneOf('log-level', values['log-level'] ?? 'info', LEVELS);
  const logTarget = values['log-target'] ?? 'stderr';
  if (logTarget === '') throw new UsageError('option --log-target is empty: give a file');
  if (log === 'silent' && values['log-target'] !== undefined) {
    const wayOut = 'leave out --log-target, or let --log be pretty or json';
    throw new UsageError(`option --log is silent and leaves nothing to write: ${wayOut}`);
  }
  const { 'keep-alive': keepAlive = false, watch = false } = values;
  return { name: 'run', modules: some(modules), args, log, logLevel, logTarget, keepAlive, watch };
}

function toCheck({ own, args }: Split): Command {
  const { values, positionals: modules } = parse(own, HELP);
  if (values.help) return { name: 'help', topic: 'check' };
  if (values.version) return { name: 'version' };
  return { name: 'check', modules: some(modules), args };
}

interface Split {
  readonly own: string[];
  readonly args: string[];
}

/** What follows the first `--` is none of ours. */
function split(argv: string[]): Split {
  const at = argv.indexOf('--');
  if (at < 0) return { own: argv, args: [] };
  return { own: argv.slice(0, at), args: argv.slice(at + 1) };
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function parse<O extends Options>(
  args: string[],
  options: O,
): ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>> {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(sayMisuse(error as NodeJS.ErrnoException, Object.keys(options)));
  }
}

/** Node's own words are several sentences, and don't know what there is. */
function sayMisuse({ code, message }: NodeJS.ErrnoException, known: string[]): string {
  const option = /'(-[^'\s]*)/.exec(message)?.[1] ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const wayOut = `take one of --${known.join(', --')}; what is for the module follows --`;
    return `there is no option ${option}: ${wayOut}`;
  }
  return message.split('\n')[0]?.replace(/\.$/, '') ?? '';
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`option --${option} is "${value}": give one of ${known.join(', ')}`);
}

function some(modules: readonly string[]): readonly string[] {
  if (modules.length > 0) return modules;
  throw new UsageError('a module is missing: name the file whose tasks are to run');
}
