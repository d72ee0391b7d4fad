// One group of rows, in a process of its own: `node --expose-gc measure.mjs <group> [--quick]`.
//
// A group exports `rows`. A row is one kind of work; each of its competitors does the same work, and
// returns one number for each of the row's metrics. Rounds are interleaved, so that whatever else the
// machine does taxes everybody alike, and what one leaves behind is collected before the next begins.

import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const { makeRows } = await import(`./rows/${positionals[0]}.mjs`);
const rows = makeRows(flags);

/** On a machine that is busy otherwise, rather fewer rounds than minutes of them: in ms, and a minimum. */
const PATIENCE = flags.quick ? 8_000 : 50_000;
const FEWEST = flags.quick ? 1 : 3;

const samples = new Map(rows.map((row) => [row, new Map()]));
const rounds = Math.max(...rows.map((row) => row.warmUp + row.rounds));
const began = performance.now();

for (let round = 0; round < rounds; round++) {
  for (const row of rows) {
    if (round >= row.warmUp + row.rounds) continue;
    if (round >= row.warmUp + FEWEST && performance.now() - began > PATIENCE) continue;
    for (const [competitor, work] of Object.entries(row.competitors)) {
      await clear();
      const measured = await work();
      if (round < row.warmUp) continue;
      const taken = samples.get(row).get(competitor) ?? [];
      samples.get(row).set(competitor, [...taken, measured]);
    }
  }
}

process.send(
  rows.flatMap((row) =>
    row.metrics.map((metric, index) => ({
      ...metric,
      competitors: Object.fromEntries(
        Array.from(samples.get(row), ([competitor, taken]) => [
          competitor,
          taken.map((measured) => measured[index]),
        ]),
      ),
    })),
  ),
);
process.disconnect();

/**
 * A scavenge takes what the one before has left. Not a full collection: that would discard optimised code
 * that has no living objects to stand on, for everybody, and leave a benchmark of compiling.
 */
async function clear() {
  await turn();
  globalThis.gc({ type: 'minor' });
  await turn();
}
