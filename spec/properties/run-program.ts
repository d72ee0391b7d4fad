import type { Program } from './program.js';
import { type Attend, type StepCheck, World } from './world.js';

/** How long the world goes on after the last command: longer than any payload of a program waits. */
const AFTERMATH = 1_000;

/** What is known of one program when it's over. */
export interface Run {
  readonly program: Program;
  readonly world: World;
  /** What was found wrong at its steps. */
  readonly violations: string[];
  /** How much had happened when the runner should have been down, and when everything was released. */
  readonly downBy: number;
  readonly foreignTimers: number;
}

/** Runs a program to its end: its commands, then a shutdown, then whatever hangs is let go. */
export async function runProgram(
  program: Program,
  afterEach: readonly StepCheck[] = [],
  attend?: Attend,
): Promise<Run> {
  const world = new World(program, attend);
  const violations: string[] = [];
  const check = () => {
    for (const one of afterEach) violations.push(...one(world));
  };
  for (const command of program.commands) {
    world.execute(command);
    check();
  }
  world.execute({ do: 'shutdown' });
  check();
  world.fenced(() => world.clock.advance(program.shutdownTimeout, 1_000));
  check();
  const downBy = world.trace.length;
  const foreignTimers = world.clock.foreign;
  // What hangs may, once released, do what its script says, and hang again.
  for (let round = 0; round < 4; round++) {
    world.fenced(() => {
      world.release();
    });
    world.execute({ do: 'advance', by: AFTERMATH });
  }
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  return { program, world, violations, downBy, foreignTimers };
}
