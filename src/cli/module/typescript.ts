import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MissingPackageError } from '../../errors.js';
import type { Module } from './find-module.js';

export const isTypeScript = (path: string): boolean => /\.[mc]?ts$/.test(path);

/**
 * Sees to it that TypeScript can be imported: by tsx wherever it's installed, since Node itself can't
 * parse decorators; else by Node where it can.
 *
 * @throws {@link MissingPackageError}
 */
export async function prepareTypeScript({ path }: Module): Promise<void> {
  const found = findTsx([dirname(path), process.cwd(), import.meta.dirname]);
  if (found) await registerTsx(found);
  else if (!loadsTypeScript()) {
    const purpose = `to run TypeScript with Node ${process.version} (22.18 and newer need it only for decorators)`;
    throw new MissingPackageError('tsx', purpose);
  }
}

const loadsTypeScript = () => Boolean((process.features as { typescript?: unknown }).typescript);

/** Where tsx is, as seen from the first of these folders that sees it. */
export function findTsx(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return dirname(createRequire(join(folder, 'x.js')).resolve('tsx/package.json'));
    } catch {
      // Not seen from there.
    }
  }
  return undefined;
}

let registered = false;

/** Whether TypeScript is loaded by tsx. */
export const usesTsx = (): boolean => registered;

/** Both ways to load: without `"type": "module"` a file is CommonJS, and decorated all the same. */
async function registerTsx(folder: string): Promise<void> {
  if (registered) return;
  registered = true;
  for (const system of ['esm', 'cjs']) {
    const api = pathToFileURL(join(folder, 'dist', system, 'api', 'index.mjs')).href;
    const { register } = (await import(api)) as { register: () => void };
    register();
  }
}
