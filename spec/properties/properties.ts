import { checkAsap } from './asap-properties.js';
import { checkBackoffs, checkClamp } from './backoff-properties.js';
import { checkBudget } from './budget-properties.js';
import { checkPrograms } from './check-programs.js';
import { toPrograms } from './commands.js';
import { checkIsolation } from './isolation-properties.js';
import { checkNames } from './name-properties.js';
import type { Settings } from './settings.js';
import { checkCourses, checkNesting } from './supervise-properties.js';
import { checkObservers, checkTwins } from './twin-properties.js';

/** Something that always holds, and a way to look for where it does not. */
export interface Property {
  readonly name: string;
  /** How many cases, for each one of the settings'. */
  readonly part: number;
  /** @returns The counterexample in words, if there is one. */
  readonly check: (settings: Settings) => Promise<string | undefined>;
}

/** What the specs check briefly, and `npm run fuzz` for as long as it's told. */
export const PROPERTIES: readonly Property[] = [
  {
    name: 'a short program keeps every invariant',
    part: 0.35,
    check: (settings) => checkPrograms(toPrograms({ length: 5 }), settings),
  },
  {
    name: 'a long program keeps every invariant',
    part: 0.25,
    check: (settings) => checkPrograms(toPrograms({ length: 18 }), settings),
  },
  {
    name: 'a program with observers that act on what they see keeps every invariant',
    part: 0.35,
    check: (settings) => checkPrograms(toPrograms({ length: 8, meddlers: 2 }), settings),
  },
  {
    name: 'a program with a group keeps every invariant',
    part: 0.3,
    check: (settings) =>
      checkPrograms(toPrograms({ length: 8, meddlers: 1, first: 'group' }), settings),
  },
  {
    name: 'a program with members that restart together keeps every invariant',
    part: 0.2,
    check: (settings) =>
      checkPrograms(toPrograms({ length: 8, meddlers: 1, first: 'crew' }), settings),
  },
  {
    name: 'a program with a supervised pipe keeps every invariant',
    part: 0.15,
    check: (settings) =>
      checkPrograms(toPrograms({ length: 8, meddlers: 1, first: 'pipe' }), settings),
  },
  { name: 'the same program makes the same log', part: 0.02, check: checkTwins },
  { name: 'observers change nothing', part: 0.02, check: checkObservers },
  { name: 'a member is nothing to its siblings', part: 0.05, check: checkIsolation },
  { name: 'a backoff stays within its bounds', part: 1, check: checkBackoffs },
  { name: 'a delay is one that a timer can wait', part: 0.2, check: checkClamp },
  { name: 'a budget grants what its window leaves', part: 0.5, check: checkBudget },
  {
    name: 'supervise alone, adopted and piped restarts at the same times',
    part: 0.15,
    check: checkCourses,
  },
  { name: 'supervise within supervise restarts the product', part: 0.01, check: checkNesting },
  { name: 'asap runs work in order, and fences it', part: 0.15, check: checkAsap },
  { name: 'the names of the living are unique', part: 0.05, check: checkNames },
];
