// The same with both threads of a process on one processor. Left alone, they may sleep on two, and waking
// another processor can take three times as long as everything else: a matter of the machine, and of luck.

import { makeGroup as makeFreeGroup } from './round-trip.mjs';

export const makeGroup = (flags) => ({
  ...makeFreeGroup(flags, 'no-op round trip on one processor, p50'),
  pinned: true,
});
