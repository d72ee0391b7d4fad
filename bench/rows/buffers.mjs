// 1 MiB there and back, eight at a time on one thread: moved, and copied.

import { barePort, lazily, piscina, rxvisor, threadsJs, tinypool, workerpool } from '../pools.mjs';
import { perSecond } from '../support.mjs';

const MIB = 2 ** 20;
const CALLERS = 8;
/** How long a turn takes, in ms. */
const TURN = 200;

export const makeGroup = ({ quick }) => {
  const pools = Object.entries(COMPETITORS).map(([name, open]) => [name, lazily(open)]);
  const toRow = (row, call) => ({
    metrics: [{ row, unit: 'round trips/s', better: 'more' }],
    warmUp: 5,
    rounds: quick ? 3 : 9,
    competitors: Object.fromEntries(
      pools.map(([name, pool]) => [name, async () => measure(await pool(), call)]),
    ),
  });
  return {
    generations: 1,
    rows: [
      toRow('1 MiB moved there and back', (pool, buffer) => pool.move(buffer)),
      toRow('1 MiB copied there and back', (pool, buffer) => pool.call('noop', buffer)),
    ],
  };
};

async function measure(pool, call) {
  let calls = 0;
  const began = performance.now();
  const callers = Array.from({ length: CALLERS }, async () => {
    let buffer = new ArrayBuffer(MIB);
    do {
      buffer = await call(pool, buffer);
      if (buffer.byteLength !== MIB) throw new Error('that is not what was sent');
      calls++;
    } while (performance.now() - began < TURN);
  });
  await Promise.all(callers);
  return [perSecond(calls, performance.now() - began)];
}

const COMPETITORS = {
  rxvisor,
  Piscina: piscina,
  tinypool,
  workerpool,
  'threads.js': threadsJs,
  'bare port': barePort,
};
