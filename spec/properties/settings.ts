/** How much is tried, and from which seed: a failure says which, to be given again. */
export interface Settings {
  readonly cases: number;
  readonly seed: number;
  /** Whether the first counterexample will do, as it is: shrinking it takes time. */
  readonly brief: boolean;
}

/** `RXVISOR_SEED` and `RXVISOR_CASES`, or a seed of today and what fits into a test run. */
export function toSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const { RXVISOR_SEED: seed, RXVISOR_CASES: cases, RXVISOR_BRIEF: brief } = env;
  return {
    seed: seed === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(seed),
    cases: cases === undefined ? 8_000 : Number(cases),
    brief: brief !== undefined,
  };
}
