import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { peek } from '../../show.js';
import { isForeign, toFrame, toPath } from '../stack.js';
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

/** What esbuild, which is inside tsx, says. */
export function inTransform(message: string): (Position & { readonly reason: string }) | undefined {
  const [, file, line, reason] = TRANSFORM.exec(message) ?? [];
  if (file === undefined || reason === undefined) return undefined;
  return { file, line: Number(line), reason };
}

const TRANSFORM = /^Transform failed[^]*?\n(.+?):(\d+):\d+: ERROR: (.+)/;

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

/** The first line of a user's. */
function inStack(stack: string): Position | undefined {
  const frames = stack.split('\n').map(toFrame);
  return atTop(stack) ?? frames.find((frame) => frame && !isForeign(frame.file));
}

/** Node says above a stack where a syntax error is: the file, the line and a pointer. */
function atTop(text: string): Position | undefined {
  const [, file, line] = /^((?:file:\/\/)?\/.+?):(\d+)\n/m.exec(text) ?? [];
  return file === undefined ? undefined : { file: toPath(file), line: Number(line) };
}

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
