// One competitor of one group, in a process of its own: `node --expose-gc measure.mjs <group> <competitor>`.
//
// It does nothing until it's told whose turn it is: a message is the number of a row, the answer is what
// was measured, one number for each of the row's metrics.

import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const [group, competitor] = positionals;
const { makeGroup } = await import(`./rows/${group}.mjs`);
const { rows } = await makeGroup(flags);

process.on('message', async (row) => {
  await clear();
  process.send(await rows[row].competitors[competitor]());
});

/**
 * A scavenge takes what the last turn has left. Not a full collection: that would discard optimised code
 * that has no living objects to stand on, and leave a benchmark of compiling.
 */
async function clear() {
  await turn();
  globalThis.gc({ type: 'minor' });
  await turn();
}
