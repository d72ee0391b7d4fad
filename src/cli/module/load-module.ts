import { UsageError } from '../../errors.js';
import type { Module } from './find-module.js';
import { sayLoadFailure } from './say-load-failure.js';
import { isTypeScript, prepareTypeScript } from './typescript.js';

export type Exports = Readonly<Record<string, unknown>>;

/**
 * Imports a module.
 *
 * @returns A promise that rejects with {@link UsageError}: one line with file, line and reason; `cause`
 *   is what the import rejected with.
 */
export async function loadModule(module: Module): Promise<Exports> {
  try {
    if (isTypeScript(module.path)) await prepareTypeScript(module);
    return (await import(module.url)) as Exports;
  } catch (cause) {
    throw new UsageError(await sayLoadFailure(module, cause), { cause });
  }
}
