// Values per second out of a generator in a thread (in a thread of threads.js, an Observable made of it) into a
// consumer that only counts, from the call to the end. Bare ports know no backpressure.

import { barePort, lazily, port64, rxvisor, subject64, threadsJs } from '../pools.mjs';
import { perSecond } from '../support.mjs';

const COUNT = 200_000;

export const makeGroup = ({ quick }) => {
  const pools = Object.entries(COMPETITORS).map(([name, open]) => [name, lazily(open)]);
  return {
    generations: 1,
    rows: ['numbers', 'objects'].map((values) => ({
      metrics: [{ row: streamOf(values), unit: 'values/s', better: 'more' }],
      warmUp: 2,
      rounds: quick ? 3 : 9,
      competitors: Object.fromEntries(
        pools.map(([name, pool]) => [name, async () => measure(await pool(), values)]),
      ),
    })),
  };
};

const streamOf = (values) => `stream of ${values} out of a thread`;

async function measure({ stream }, values) {
  let count = 0;
  const began = performance.now();
  await stream(values, COUNT, () => count++);
  const elapsed = performance.now() - began;
  if (count !== COUNT) throw new Error(`only ${count} values have arrived`);
  return [perSecond(COUNT, elapsed)];
}

const COMPETITORS = {
  rxvisor,
  'threads.js': threadsJs,
  'bare port': barePort,
  'bare port, 64 at a time': port64,
  'bare port, 64 at a time, into a Subject': subject64,
};
