import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peek } from '../../show.js';
import type { Module } from './find-module.js';

/** Where something went wrong. */
export interface Position {
  readonly file: string;
  readonly line?: number;
}

/** Finds out where the reason lies that a module can't be loaded, as far as that can be known. */
export async function positionOf(module: Module, error: unknown): Promise<Position | undefined> {
  const message = textOf(error, 'message');
  const stack = textOf(error, 'stack');
  const known = inTransform(message) ?? whereImported(message) ?? inStack(stack);
  if (known || peek(error, 'name') !== 'SyntaxError') return known;
  // Node knows where in an ES module it is, and tells it only at the end of a process.
  return atTop(await askNode(module.url));
}

const textOf = (error: unknown, member: string) => {
  const text = peek(error, member);
  return typeof text === 'string' ? text : '';
};

/** What esbuild, which is inside tsx, says: file, line, reason. */
export const TRANSFORM: RegExp = /^Transform failed[^]*?\n(.+?):(\d+):\d+: ERROR: (.+)/;

function inTransform(message: string): Position | undefined {
  const [, file, line] = TRANSFORM.exec(message) ?? [];
  return file === undefined ? undefined : { file, line: Number(line) };
}

/** The line which imports what isn't there. */
function whereImported(message: string): Position | undefined {
  const imported = /^Cannot find (?:package|module) '(.+?)' imported from (.+)/.exec(message);
  const required = /^Cannot find module '(.+?)'\nRequire stack:\n- (.+)/.exec(message);
  const [, missing, file] = imported ?? required ?? [];
  if (missing === undefined || file === undefined || basename(file).startsWith('['))
    return undefined;
  const path = toPath(file);
  const line = findLine(path, basename(missing));
  return line === undefined ? { file: path } : { file: path, line };
}

function findLine(path: string, name: string): number | undefined {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const at = lines.findIndex(
      (line) => /\b(from|import|require)\b/.test(line) && line.includes(name),
    );
    return at < 0 ? undefined : at + 1;
  } catch {
    return undefined;
  }
}

/** The first line of a user's: Node's own begin with `node:`. */
function inStack(stack: string): Position | undefined {
  const top = atTop(stack);
  if (top) return top;
  for (const line of stack.split('\n')) {
    const [, file, at] = /^\s+at (?:.*\()?((?:file:\/\/)?\/.+?):(\d+):\d+\)?$/.exec(line) ?? [];
    if (file !== undefined && !isForeign(file)) return { file: toPath(file), line: Number(at) };
  }
  return undefined;
}

/** Of other packages, and of this one: from where it's built, or as its source maps say. */
const isForeign = (file: string) =>
  file.includes('/node_modules/') || OURS.some((folder) => toPath(file).startsWith(folder));

const ROOT = join(import.meta.dirname, '..', '..');
const OURS = [join(ROOT, 'dist', '/'), join(ROOT, 'src', '/')];

/** Node says above a stack where a syntax error is: the file, the line and a pointer. */
function atTop(text: string): Position | undefined {
  const [, file, line] = /^((?:file:\/\/)?\/.+?):(\d+)\n/m.exec(text) ?? [];
  return file === undefined ? undefined : { file: toPath(file), line: Number(line) };
}

const toPath = (file: string) => (file.startsWith('file:') ? fileURLToPath(file) : file);

/** How long Node may take to say it, in ms. */
const PATIENCE = 10_000;

/** Lets another Node link the same modules. It leaves as soon as they would begin to run. */
function askNode(url: string): Promise<string> {
  const leave = `import 'data:text/javascript,process.exit(0)'; import ${JSON.stringify(url)};`;
  const execArgv = process.execArgv.filter((option) => !option.startsWith('--inspect'));
  const args = [...execArgv, '--input-type=module', '--eval', leave];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: PATIENCE }, (_error, _stdout, stderr) => {
      resolve(stderr);
    });
  });
}
