// From the start of a process to the first result of a thread: import, a pool of one, a call. Each turn starts one
// of the programs in `cold/`, which tells the time that it has lived.

import { fork } from 'node:child_process';
import { once } from 'node:events';

export const makeGroup = ({ quick }) => ({
  generations: 1,
  rows: [
    {
      metrics: [{ row: 'first result from a cold start', unit: 'ms', better: 'less' }],
      warmUp: 2,
      rounds: quick ? 5 : 15,
      competitors: Object.fromEntries(
        Object.entries(COMPETITORS).map(([name, program]) => [name, () => start(program)]),
      ),
    },
  ],
});

async function start(program) {
  const child = fork(new URL(`../cold/${program}.mjs`, import.meta.url), { execArgv: [] });
  const [[took]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  return [took];
}

const COMPETITORS = {
  rxvisor: 'rxvisor',
  Piscina: 'piscina',
  tinypool: 'tinypool',
  workerpool: 'workerpool',
  'threads.js': 'threads',
  'bare port': 'port',
  'bare port after RxJS': 'port-after-rxjs',
};
