/** How much is tried, and from which seed: a failure says which, to be given again. */
export interface Settings {
  readonly cases: number;
  readonly seed: number;
  /** Whether the first counterexample will do, as it is: shrinking it takes time. */
  readonly brief: boolean;
  /** The one invariant that counts, if not all of them do: `'I8'`. */
  readonly only?: string | undefined;
}

/**
 * `RXVISOR_SEED` and `RXVISOR_CASES`, or a new seed and what fits into a test run. With `CI` set the seed
 * is always the same, so that what is red there is red for what has changed; `npm run fuzz` looks for new.
 */
export function toSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const { RXVISOR_SEED: seed, RXVISOR_CASES: cases, RXVISOR_BRIEF: brief } = env;
  const { RXVISOR_ONLY: only } = env;
  const drawn = env.CI === undefined ? Math.trunc(Math.random() * 2 ** 31) : SEED_OF_CI;
  return {
    seed: seed === undefined ? drawn : Number(seed),
    cases: cases === undefined ? 8_000 : Number(cases),
    brief: brief !== undefined,
    only,
  };
}

const SEED_OF_CI = 244_660_072;
