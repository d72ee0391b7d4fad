// Two jobs that keep a processor busy for 300 ms each: how many times faster on two threads than on one. What bare
// threads reach is what the machine has to give at that moment.

import { barePort, piscina, rxvisor, tinypool, workerpool } from '../pools.mjs';

const STEPS = 150_000_000;

export const makeGroup = ({ quick }) => ({
  generations: 1,
  rows: [
    {
      metrics: [{ row: 'two busy jobs: two threads over one', unit: 'times', better: 'more' }],
      warmUp: 1,
      rounds: quick ? 3 : 5,
      competitors: Object.fromEntries(
        Object.entries(COMPETITORS).map(([name, open]) => [name, () => measure(open)]),
      ),
    },
  ],
});

async function measure(open) {
  const [alone, together] = [await time(open, 1), await time(open, 2)];
  return [alone / together];
}

/** Twice on warm threads: the first time they are only made. */
async function time(open, size) {
  const pool = await open({ size });
  await both(pool, STEPS / 50);
  const began = performance.now();
  await both(pool, STEPS);
  const elapsed = performance.now() - began;
  await pool.close();
  return elapsed;
}

const both = ({ call }, steps) => Promise.all([call('compute', steps), call('compute', steps)]);

const bareThreads = async ({ size }) => {
  const threads = await Promise.all(Array.from({ length: size }, () => barePort()));
  let turn = 0;
  return {
    call: (name, value) => threads[turn++ % size].call(name, value),
    close: () => Promise.all(threads.map((thread) => thread.close())),
  };
};

const COMPETITORS = {
  rxvisor,
  Piscina: piscina,
  tinypool,
  workerpool,
  'bare threads': bareThreads,
};
