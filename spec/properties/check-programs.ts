import type fc from 'fast-check';
import { toFold } from './fold.js';
import { toHistory } from './history.js';
import { INVARIANTS } from './invariants.js';
import type { Program } from './program.js';
import { runProgram } from './run-program.js';
import { sayProgram, sayTrace } from './say.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

/** Looks for a program with which an invariant is violated. */
export const checkPrograms = (
  programs: fc.Arbitrary<Program>,
  settings: Settings,
): Promise<string | undefined> => search(programs, findViolations, explain, settings);

/** Everything that is wrong with how the runner runs a program; nothing when all is well. */
export async function findViolations(program: Program): Promise<string[]> {
  const run = await runProgram(program, [toFold()]);
  const history = toHistory(run);
  return [...run.violations, ...INVARIANTS.flatMap((invariant) => invariant(history))];
}

async function explain(program: Program): Promise<string> {
  const { world } = await runProgram(program);
  return `${sayProgram(program)}\n\n${sayTrace(world.trace)}`;
}
