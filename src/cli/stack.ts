import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A line of code on a stack. */
export interface Frame {
  readonly file: string;
  readonly line: number;
}

/** Reads a line of a stack, if it names a file. */
export function toFrame(text: string): Frame | undefined {
  const [, file, line] = /^\s+at (?:.*\()?((?:file:\/\/)?\/.+?):(\d+):\d+\)?$/.exec(text) ?? [];
  return file === undefined ? undefined : { file: toPath(file), line: Number(line) };
}

export const toPath = (file: string): string =>
  file.startsWith('file:') ? fileURLToPath(file) : file;

/** Whether a file belongs to a package that is installed, or to this one: from where it's built, or as its source maps say. */
export const isForeign = (file: string): boolean => file.includes('/node_modules/') || isOurs(file);

/** Leaves out of a stack how the machinery came to call what is at its top. */
export function trimStack(stack: string): string {
  const lines = stack.split('\n');
  const last = lines.findLastIndex((line) => !isMachinery(line));
  return lines.slice(0, last + 1).join('\n');
}

const isMachinery = (text: string) => {
  const { file } = toFrame(text) ?? {};
  if (file === undefined) return /^\s+at .*\bnode:(internal\/|async_hooks:)/.test(text);
  return file.includes('/node_modules/rxjs/') || isOurs(file);
};

const isOurs = (file: string) =>
  OURS.some((folder) => file.startsWith(folder)) || file.includes('/node_modules/rxvisor/');

const ROOT = join(import.meta.dirname, '..', '..');
const OURS = ['dist', 'src'].map((folder) => join(ROOT, folder, '/'));
