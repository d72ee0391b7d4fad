// Measures a group in interleaved rounds: everybody takes a turn, then everybody again, so that whatever
// else the machine does taxes all alike. Each competitor has a process of its own for its turns, so that
// nobody pays for another's garbage, or for code that V8 has adapted to another's objects. Where the luck
// of the optimiser weighs more than the noise, the processes are replaced by fresh ones now and then.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/**
 * @param group             A file in `rows/`.
 * @param flags.quick       Fewer rounds.
 * @param limits.patience   Rather fewer rounds than more than this many ms of them.
 * @param limits.deadline   A competitor that takes longer for one turn is given up.
 * @returns A row for each metric: its name, its unit, and every competitor's samples; none of one given up.
 */
export async function measureGroup(group, { quick }, { patience, deadline }) {
  const { makeGroup } = await import(`./rows/${group}.mjs`);
  const { generations, pinned, rows } = await makeGroup({ quick });
  const samples = rows.map(({ competitors }) =>
    Object.fromEntries(Object.keys(competitors).map((competitor) => [competitor, []])),
  );
  const fewest = quick || generations > 1 ? 1 : 3;
  for (let generation = 0; generation < generations; generation++) {
    const children = start(group, quick, rows, pinned);
    const deadlines = { turn: deadline, rounds: performance.now() + patience / generations };
    try {
      await measureGeneration(rows, children, samples, fewest, deadlines);
    } finally {
      for (const child of children.values()) child.kill('SIGKILL');
    }
  }
  return rows.flatMap(({ metrics }, index) =>
    metrics.map((metric, which) => ({ ...metric, competitors: pick(samples[index], which) })),
  );
}

async function measureGeneration(rows, children, samples, fewest, deadlines) {
  for (let round = 0; round < Math.max(...rows.map(toRounds)); round++) {
    const isLate = performance.now() > deadlines.rounds;
    for (const [index, row] of rows.entries()) {
      if (round >= (isLate ? row.warmUp + fewest : toRounds(row))) continue;
      for (const competitor of Object.keys(row.competitors)) {
        const measured = await takeTurn(children.get(competitor), index, deadlines.turn);
        if (measured && round >= row.warmUp) samples[index][competitor].push(measured);
      }
    }
  }
}

const toRounds = ({ warmUp, rounds }) => warmUp + rounds;

function start(group, quick, rows, pinned) {
  const competitors = new Set(rows.flatMap((row) => Object.keys(row.competitors)));
  const file = new URL('./measure.mjs', import.meta.url);
  const options = pinned && canPin() ? PINNED : { execArgv: NODE_OPTIONS };
  const run = (competitor) =>
    fork(file, [group, competitor, ...(quick ? ['--quick'] : [])], options);
  return new Map(Array.from(competitors, (competitor) => [competitor, run(competitor)]));
}

/** With 1,000 in flight, some peers have as many listeners. */
const NODE_OPTIONS = ['--expose-gc', '--disable-warning=MaxListenersExceededWarning'];
const PINNED = { execPath: 'taskset', execArgv: ['-c', '0', process.execPath, ...NODE_OPTIONS] };

/** Where there is no `taskset`, nobody is pinned. */
const canPin = () => spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** What one competitor has measured in a row; nothing when it was given up. */
async function takeTurn(child, row, deadline) {
  const timer = deadline && setTimeout(() => child.kill('SIGKILL'), deadline);
  const listening = new AbortController();
  const over = Promise.race(
    ['message', 'exit'].map((event) => once(child, event, { signal: listening.signal })),
  );
  child.send(row);
  const [measured, signal] = await over;
  listening.abort();
  clearTimeout(timer);
  if (Array.isArray(measured)) return measured;
  if (signal === 'SIGKILL' && deadline) return undefined;
  throw new Error(`a competitor has ended with ${signal ?? measured}`);
}

const pick = (samples, which) =>
  Object.fromEntries(
    Object.entries(samples).map(([competitor, taken]) => [
      competitor,
      taken.map((measured) => measured[which]),
    ]),
  );
