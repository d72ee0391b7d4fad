// By how much memory grows at most while a thread sends 200,000 values of 1 KiB, all different, to a consumer that
// takes ten times longer for each than the thread for making and sending it. A process for each turn, warm and
// clean when it begins; a sample at every 1,000th value.

import { setImmediate as turn } from 'node:timers/promises';
import { rxvisor, threadsJs } from '../pools.mjs';

const COUNT = 200_000;
const WARM_UP = 2_000;
const SAMPLED = 1_000;
/** How long the consumer is busy with a value, in ms: sent in batches, they take 1 to 2 µs each. */
const BUSY = 0.02;

const MIB = 2 ** 20;

export const makeGroup = ({ quick }, values = 'strings') => ({
  generations: quick ? 1 : 3,
  rows: [
    {
      metrics: ['heap', 'rss'].map((which) => ({
        row: growthOf(which, values),
        unit: 'MiB',
        better: 'less',
      })),
      warmUp: 0,
      rounds: 1,
      competitors: Object.fromEntries(
        Object.entries(COMPETITORS).map(([name, work]) => [name, () => measure(work, values)]),
      ),
    },
  ],
});

const growthOf = (which, values) =>
  `${which} grown by 200,000 ${values} of 1 KiB for a slow consumer`;

async function measure({ open, consume }, values) {
  const pool = await open();
  await consume(pool, values, WARM_UP, () => undefined);
  await collect();

  const before = process.memoryUsage();
  let [heap, rss, count] = [0, 0, 0];
  await consume(pool, values, COUNT, () => {
    const end = performance.now() + BUSY;
    while (performance.now() < end);
    if (++count % SAMPLED !== 0) return;
    const now = process.memoryUsage();
    heap = Math.max(heap, now.heapUsed - before.heapUsed);
    rss = Math.max(rss, now.rss - before.rss);
  });
  if (count !== COUNT) throw new Error(`only ${count} values have arrived`);
  await pool.close();
  return [heap / MIB, rss / MIB];
}

async function collect() {
  for (let i = 0; i < 3; i++) {
    await turn();
    globalThis.gc();
  }
}

const subscribed = ({ stream }, values, count, next) => stream(values, count, next);

const COMPETITORS = {
  rxvisor: { open: rxvisor, consume: subscribed },
  'rxvisor, iterate': {
    open: rxvisor,
    consume: async ({ iterate }, values, count, next) => {
      for await (const value of iterate(values, count)) next(value);
    },
  },
  'threads.js': { open: threadsJs, consume: subscribed },
};
