import { checkPrograms } from './check-programs.js';
import { toPrograms } from './commands.js';
import type { Settings } from './settings.js';

/** Something that always holds, and a way to look for where it does not. */
export interface Property {
  readonly name: string;
  /** Its part of all the cases that are tried. */
  readonly part: number;
  /** @returns The counterexample in words, if there is one. */
  readonly check: (settings: Settings) => Promise<string | undefined>;
}

/** What the specs check briefly, and `npm run fuzz` for as long as it's told. */
export const PROPERTIES: readonly Property[] = [
  {
    name: 'a short program keeps every invariant',
    part: 0.4,
    check: (settings) => checkPrograms(toPrograms(5), settings),
  },
  {
    name: 'a long program keeps every invariant',
    part: 0.25,
    check: (settings) => checkPrograms(toPrograms(18), settings),
  },
  {
    name: 'a program with observers that act on what they see keeps every invariant',
    part: 0.35,
    check: (settings) => checkPrograms(toPrograms(8, 2), settings),
  },
];
