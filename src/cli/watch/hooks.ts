import type { InitializeHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { peek } from '../../show.js';
import { isWatched } from './is-watched.js';
import { versionOf } from './version-of.js';
import { sayToWatcher } from './wire.js';

// Module hooks of a watched daemon, in their own thread: they only look.

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.json'];

/** What the hooks are told when they are registered. */
export interface HookData {
  readonly fd: number;
  /** Files below this URL are of this package. */
  readonly own: string;
}

const seen = new Set<string>();
let data: HookData | undefined;

export const initialize: InitializeHook<HookData> = (given) => {
  data = given;
};

/** Tells of what is imported, and of what was looked for in vain: it may come. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    const found = await next(specifier, context);
    tell(found.url);
    return found;
  } catch (error: unknown) {
    const url = peek(error, 'url');
    if (typeof url === 'string') candidates(url).forEach(tell);
    throw error;
  }
};

function tell(url: string): void {
  if (!data || seen.has(url)) return;
  seen.add(url);
  if (!isWatched(url, data.own)) return;
  const path = fileURLToPath(url);
  sayToWatcher({ loaded: path, version: versionOf(path) }, data.fd);
}

/** `./x.js` may come as `x.ts`. */
const candidates = (url: string): string[] => {
  const stem = url.replace(/\.\w+$/, '');
  return [url, ...EXTENSIONS.map((extension) => stem + extension)];
};
