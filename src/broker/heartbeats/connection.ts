import type { PgPool } from '../pg-boss.js';

/** How a pool connects, in a form that another thread can have. */
export type Connection = Readonly<Record<string, unknown>>;

/** What is of the pool and not of its connections. */
const OF_POOLS = new Set(['log', 'Promise', 'verify', 'max', 'min', 'allowExitOnIdle']);

/** None if it can't be handed over: a password or a connection that's made by a function. */
export function connectionOf(pool: PgPool): Connection | undefined {
  const { options } = pool as { readonly options?: object };
  if (!options) return undefined;
  const all = Object.entries(visible(options));
  try {
    return structuredClone(Object.fromEntries(all.filter(([name]) => !OF_POOLS.has(name))));
  } catch {
    return undefined;
  }
}

/** Passwords and keys are hidden there from whoever lists what there is. */
function visible(options: object): Record<string, unknown> {
  const { ssl, ...others } = Object.fromEntries(
    Object.getOwnPropertyNames(options).map((name) => [name, Reflect.get(options, name)]),
  ) as Record<string, unknown>;
  if (ssl === undefined) return others;
  return { ...others, ssl: typeof ssl === 'object' && ssl !== null ? visible(ssl) : ssl };
}
