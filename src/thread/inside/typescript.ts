import { MissingPackageError } from '../../errors.js';

/** What a module exports, and what loads one. */
export type Exports = Readonly<Record<string, unknown>>;
export type Import = (specifier: string) => Promise<Exports>;

export const isTypeScript = (module: string): boolean =>
  /\.[mc]?ts$/.test(new URL(module).pathname);

/**
 * Sees to it that TypeScript can be imported: by Node where it can, else by tsx. What has decorators is
 * left to tsx wherever that is installed, since Node can't parse them.
 *
 * @returns A promise that rejects with a {@link MissingPackageError}.
 */
export async function prepareTypeScript(load: Import, hasDecorators: boolean): Promise<void> {
  if (!loadsTypeScript()) await registerTsx(load);
  else if (hasDecorators) await registerTsx(load).catch(() => undefined);
}

const loadsTypeScript = () => Boolean((process.features as { typescript?: unknown }).typescript);

/** Both ways to load: without `"type": "module"` a file is CommonJS. Once is enough. */
async function registerTsx(load: Import): Promise<void> {
  if (registered.has(load)) return;
  const apis = [load('tsx/esm/api'), load('tsx/cjs/api')];
  for (const { register } of await Promise.all(apis).catch(missing)) (register as () => void)();
  registered.add(load);
}

const registered = new WeakSet<Import>();

function missing(cause: unknown): never {
  const purpose = `to load a worker module in TypeScript with Node ${process.version} (22.18 and newer need it only for decorators)`;
  throw new MissingPackageError('tsx', purpose, { cause });
}
