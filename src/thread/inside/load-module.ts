import { MissingPackageError, WorkerCrashError } from '../../errors.js';
import type { AnyFunction } from '../../task/shapes.js';
import { findService } from './find-service.js';

/** What is to be found in a module. */
export interface Export {
  readonly module: string;
  readonly name: string;
  /** Whether it's a service's class, to be constructed and run. */
  readonly isService?: true | undefined;
}

type Import = (specifier: string) => Promise<Record<string, unknown>>;

const TYPESCRIPT = /\.[mc]?ts$/;
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
  const loaded = await importAny(module, load).catch((cause: unknown) => {
    throw new WorkerCrashError(task, 'load', { threadId, cause });
  });
  const found = isService ? findService(loaded, name) : loaded[name];
  if (typeof found === 'function') return found as AnyFunction;
  const what = found === undefined ? 'there is no such export' : `it is a ${typeof found}`;
  const cause = new TypeError(
    isService
      ? `${module} exports no service "${name}": export the class that service() has returned`
      : `${module} has no function "${name}" to run: ${what}`,
  );
  throw new WorkerCrashError(task, 'no-export', { threadId, cause });
}

async function importAny(module: string, load: Import): Promise<Record<string, unknown>> {
  if (TYPESCRIPT.test(new URL(module).pathname) && !loadsTypeScript()) await registerTsx(load);
  return load(module);
}

const loadsTypeScript = () => Boolean((process.features as { typescript?: unknown }).typescript);

async function registerTsx(load: Import): Promise<void> {
  const { register } = await load('tsx/esm/api').catch((cause: unknown) => {
    const purpose = `to load a worker module in TypeScript with Node ${process.version} (22.18 and newer need none)`;
    throw new MissingPackageError('tsx', purpose, { cause });
  });
  (register as () => void)();
}
