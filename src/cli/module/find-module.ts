import { readdirSync, realpathSync, statSync } from 'node:fs';
import {
  basename,
  dirname,
  extname,
  isAbsolute,
  join,
  parse,
  relative,
  resolve,
  sep,
} from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../errors.js';
import { show } from '../../show.js';
import { oneLine } from '../../observability/printable.js';

/** A file whose tasks are to run. */
export interface Module {
  readonly path: string;
  readonly url: string;
  /** The path as people see it: from where they are. */
  readonly shown: string;
  /** What a task of it is called that has no name of its own. */
  readonly name: string;
}

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/**
 * Finds the file.
 *
 * @param given  Its path, from the working directory.
 * @throws {@link UsageError} if there is none that could be a module.
 */
export function findModule(given: string): Module {
  const path = resolve(given);
  const shown = showPath(path);
  const stats = lookAt(path, shown);
  if (!stats) throw new UsageError(`${shown}: there is no such file${sayNeighbour(path)}`);
  if (stats.isDirectory()) throw new UsageError(`${shown}: it's a directory: name a module in it`);
  if (!EXTENSIONS.includes(extname(path))) {
    throw new UsageError(`${shown}: it's no module: name one of ${EXTENSIONS.join(', ')}`);
  }
  return { path, url: pathToFileURL(path).href, shown, name: nameOf(path) };
}

function lookAt(path: string, shown: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new UsageError(`${shown}: it can't be read: ${show(cause)}`, { cause });
  }
}

/** The path as seen from the working directory, if it's in there. */
export function showPath(path: string): string {
  const near = relative(process.cwd(), path);
  const isInside = near !== '' && near.split(sep)[0] !== '..' && !isAbsolute(near);
  return oneLine(isInside ? near : path);
}

/** `index.js` is called as its folder is. */
function nameOf(path: string): string {
  const { name, dir } = parse(path);
  return name === 'index' ? basename(realpathSync(dir)) || name : name;
}

function sayNeighbour(path: string): string {
  const { name, base } = parse(path);
  // A link that leads nowhere is there itself.
  const near = tryToList(dirname(path)).find(
    (file) => file !== base && EXTENSIONS.includes(extname(file)) && parse(file).name === name,
  );
  return near === undefined ? '' : `, but ${showPath(join(dirname(path), near))} is there`;
}

function tryToList(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
