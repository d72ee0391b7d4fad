import fc from 'fast-check';
import { toFold } from './fold.js';
import { toHistory } from './history.js';
import { INVARIANTS } from './invariants.js';
import type { Program } from './program.js';
import { runProgram } from './run-program.js';
import { sayProgram, sayTrace } from './say.js';

/** Everything that is wrong with how the runner runs a program; nothing when all is well. */
export async function findViolations(program: Program): Promise<string[]> {
  const run = await runProgram(program, [toFold()]);
  const history = toHistory(run);
  return [...run.violations, ...INVARIANTS.flatMap((invariant) => invariant(history))];
}

/** @returns The shrunk counterexample in words, or `undefined` when all programs are well. */
export async function checkPrograms(
  programs: fc.Arbitrary<Program>,
  { cases, seed }: { readonly cases: number; readonly seed: number },
): Promise<string | undefined> {
  const property = fc.asyncProperty(programs, async (program) => {
    const [first] = await findViolations(program);
    if (first !== undefined) throw new Error(first);
  });
  const result = await fc.check(property, { numRuns: cases, seed, endOnFailure: false });
  if (!result.failed) return undefined;
  const [program] = result.counterexample ?? [];
  if (!program) return `it failed without a counterexample: ${String(result.errorInstance)}`;
  return explain(program, seed);
}

async function explain(program: Program, seed: number): Promise<string> {
  const run = await runProgram(program, [toFold()]);
  const violations = await findViolations(program);
  return [
    ...new Set(violations),
    '',
    sayProgram(program),
    '',
    sayTrace(run.world.trace),
    '',
    `seed ${seed}`,
  ].join('\n');
}
