import { WorkerCrashError } from '../../errors.js';
import { peek } from '../../show.js';
import type { AnyFunction } from '../../task/shapes.js';
import { findService } from './find-service.js';
import { type Exports, type Import, isTypeScript, prepareTypeScript } from './typescript.js';

/** What is to be found in a module. */
export interface Export {
  readonly module: string;
  readonly name: string;
  /** Whether it's a service's class, to be constructed and run. */
  readonly isService?: true | undefined;
}

const importModule: Import = (specifier) => import(specifier) as ReturnType<Import>;

/**
 * Loads a module and looks up an export in it. TypeScript is loaded by Node where it can, else by tsx.
 *
 * @returns A promise that rejects with a {@link WorkerCrashError}: `'load'` or `'no-export'`.
 */
export async function loadExport(
  { module, name, isService }: Export,
  task: string,
  threadId: number,
  load: Import = importModule,
): Promise<AnyFunction> {
  const exports = await importAny(module, isService, load).catch((cause: unknown) => {
    throw new WorkerCrashError(task, 'load', { threadId, cause });
  });
  const found = isService ? findService(exports, name) : exports[name];
  if (typeof found === 'function') return found as AnyFunction;
  const what = found === undefined ? 'there is no such export' : `it is a ${typeof found}`;
  const cause = new TypeError(
    isService
      ? `${module} exports no service "${name}": export the class that service() has returned`
      : `${module} has no function "${name}" to run: ${what}`,
  );
  throw new WorkerCrashError(task, 'no-export', { threadId, cause });
}

async function importAny(module: string, isService = false, load: Import): Promise<Exports> {
  if (isTypeScript(module)) await prepareTypeScript(load, isService);
  const loaded = await load(module);
  // An ES module that was compiled to CommonJS: Node may see no export of it but one.
  const { default: all } = loaded;
  return peek(all, '__esModule') === true ? { ...loaded, ...(all as Exports) } : loaded;
}
