// The same with buffers, whose memory isn't on the heap. A group of its own, for a process for each turn.

import { makeGroup as makeGroupOf } from './backpressure.mjs';

export const makeGroup = (flags) => makeGroupOf(flags, 'buffers');
