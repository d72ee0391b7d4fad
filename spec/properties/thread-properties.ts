import { judge } from './thread-judge.js';
import { toPrograms } from './thread-program.js';
import type { Property } from './properties.js';
import { sayProgram } from './thread-say.js';
import { search } from './search.js';
import { runWorld } from './thread-world.js';

const check =
  (length: number): Property['check'] =>
  (settings) =>
    search(toPrograms(length), (program) => runWorld(program, judge), sayProgram, settings);

/** I46, I47: what crosses between the main thread and others, whatever happens in between. */
export const THREAD_PROPERTIES: readonly Property[] = [
  { name: 'a short program of threads keeps every promise', part: 0.35, check: check(10) },
  { name: 'a long program of threads keeps every promise', part: 0.3, check: check(40) },
];
