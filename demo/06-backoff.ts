// A backoff is a pure function: the number of the restart since the last calm, to milliseconds. There
// are three to choose from, each with a cap and jitter, or write your own.
import { type Backoff, Runner, constant, exponential, linear } from 'rxvisor';

const show = (name: string, backoff: Backoff) =>
  console.log(name.padEnd(12), [1, 2, 3, 4, 5, 6, 7].map((n) => backoff(n)).join(' '));

show('the default', exponential());
show('patient', exponential({ initial: 200, factor: 3, max: 60_000 }));
show('linear', linear({ initial: 500, step: 250 }));
show('constant', constant(100));
show('hand-made', (n) => [0, 10, 1_000][n - 1] ?? 5_000);

// Jitter spreads what crashed together. It stays inside the cap; here with dice that are loaded.
const random = () => 0.5;
show('equal', exponential({ jitter: 'equal', random }));
show('full', exponential({ jitter: 'full', random }));

// A task that was up for `resetAfter` begins again with the first delay.
const runner = new Runner();
let attempts = 0;
runner.events$.subscribe((event) => {
  if (event.type === 'restart') console.log(`restarting in ${event.delay} ms`);
});
runner.adopt(
  () => {
    if (++attempts < 4) throw new Error('not yet');
  },
  {
    name: 'flaky',
    restart: 'on-failure',
    backoff: exponential({ initial: 2 }),
    resetAfter: 60_000,
  },
);
await runner.run({ until: 'idle' });

// Output:
// the default  1000 2000 4000 8000 16000 30000 30000
// patient      200 600 1800 5400 16200 48600 60000
// linear       500 750 1000 1250 1500 1750 2000
// constant     100 100 100 100 100 100 100
// hand-made    0 10 1000 5000 5000 5000 5000
// equal        750 1500 3000 6000 12000 22500 22500
// full         500 1000 2000 4000 8000 15000 15000
// restarting in 2 ms
// restarting in 4 ms
// restarting in 8 ms
