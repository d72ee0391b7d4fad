// Calls per second with 1,000 in flight on one thread: as many callers, each of which makes its next call when it
// has the result of the last. And how many calls the caller who got the fewest has made, to their mean.

import {
  barePort,
  batchedPort,
  lazily,
  piscina,
  piscina64,
  rxvisor,
  threadsJs,
  tinypool,
  tinypool64,
  workerpool,
} from '../pools.mjs';
import { perSecond } from '../support.mjs';
import { toObject } from '../workers/work.mjs';

const CALLERS = 1_000;
/** How long a turn takes, in ms. */
const TURN = 150;

export const makeGroup = ({ quick }) => {
  const pools = Object.entries(COMPETITORS).map(([name, open]) => [name, lazily(open)]);
  return {
    generations: 1,
    rows: Object.entries(PAYLOADS).map(([payload, make]) => ({
      metrics: [
        { row: inFlightOf(payload), unit: 'calls/s', better: 'more' },
        { row: `${inFlightOf(payload)}: least served`, unit: '% of mean', better: 'more' },
      ],
      warmUp: 6,
      rounds: quick ? 5 : 11,
      competitors: Object.fromEntries(
        pools.map(([name, pool]) => [name, async () => measure(await pool(), make)]),
      ),
    })),
  };
};

const inFlightOf = (payload) => `1,000 in flight on one thread, ${payload}`;

async function measure({ call }, make) {
  const served = new Uint32Array(CALLERS);
  let isOver = false;
  const began = performance.now();
  const callers = Array.from(served, async (_, caller) => {
    while (!isOver) {
      await call('noop', make(caller));
      if (isOver) return;
      served[caller]++;
      isOver = performance.now() - began >= TURN;
    }
  });
  await Promise.race(callers);
  const elapsed = performance.now() - began;
  await Promise.all(callers);
  const total = served.reduce((sum, each) => sum + each, 0);
  return [perSecond(total, elapsed), (Math.min(...served) * CALLERS * 100) / total];
}

const PAYLOADS = { numbers: (i) => i, objects: toObject };

const COMPETITORS = {
  rxvisor,
  Piscina: piscina,
  'Piscina, 64 at a time': piscina64,
  tinypool,
  'tinypool, 64 at a time': tinypool64,
  workerpool,
  'threads.js': threadsJs,
  'bare port': barePort,
  'bare port, batched': batchedPort,
};
