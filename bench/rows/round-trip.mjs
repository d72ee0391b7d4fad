// How long a call of a function that returns its argument takes, there and back, one after the other: the
// median of a turn.

import { barePort, lazily, piscina, rxvisor, threadsJs, tinypool, workerpool } from '../pools.mjs';

const CALLS = 2_000;

export const makeGroup = ({ quick }, row = 'no-op round trip, p50') => ({
  generations: quick ? 1 : 3,
  rows: [
    {
      metrics: [{ row, unit: 'µs', better: 'less' }],
      warmUp: 3,
      rounds: 7,
      competitors: Object.fromEntries(
        Object.entries(COMPETITORS).map(([name, open]) => {
          const pool = lazily(open);
          return [name, async () => measure(await pool())];
        }),
      ),
    },
  ],
});

async function measure({ call }) {
  const took = new Float64Array(CALLS);
  for (let i = 0; i < CALLS; i++) {
    const began = performance.now();
    await call('noop', i);
    took[i] = performance.now() - began;
  }
  return [took.sort()[CALLS >> 1] * 1_000];
}

const COMPETITORS = {
  rxvisor,
  Piscina: piscina,
  tinypool,
  workerpool,
  'threads.js': threadsJs,
  'bare port': barePort,
};
