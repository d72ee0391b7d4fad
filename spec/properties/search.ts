import fc from 'fast-check';
import type { Settings } from './settings.js';

/** Finds what is wrong with one case; nothing when all is well. */
type Find<T> = (drawn: T) => readonly string[] | Promise<readonly string[]>;

/**
 * Looks for a case with which something is wrong.
 *
 * @returns The shrunk counterexample in words, or `undefined` when all cases are well.
 */
export async function search<T>(
  arbitrary: fc.Arbitrary<T>,
  find: Find<T>,
  say: (drawn: T) => string | Promise<string>,
  { cases, seed, brief, only }: Settings,
): Promise<string | undefined> {
  const property = fc.asyncProperty(arbitrary, async (drawn) => {
    const found = await find(drawn);
    const first = found.find((violation) => !only || violation.startsWith(`${only}:`));
    if (first !== undefined) throw new Error(first);
  });
  const result = await fc.check(property, { numRuns: cases, seed, endOnFailure: brief });
  if (!result.failed) return undefined;
  const [drawn] = result.counterexample ?? [];
  if (drawn === undefined)
    return `it failed without a counterexample: ${String(result.errorInstance)}`;
  // What is found once and not again is told all the same.
  const { message } = result.errorInstance as Error;
  const violations = new Set([message, ...(await find(drawn))]);
  return [...violations, '', await say(drawn), '', `seed ${seed}`].join('\n');
}
