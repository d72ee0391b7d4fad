import { parseArgs } from 'node:util';
import { PROPERTIES } from './properties.js';
import { toSettings } from './settings.js';
import { THREAD_PROPERTIES } from './thread-properties.js';

// Usage: npm run fuzz -- --minutes 10   (RXVISOR_SEED begins with a seed, RXVISOR_CASES sets the size of a round,
// RXVISOR_ONLY=I8 looks for one invariant)
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
});
const until = Date.now() + Number(values.minutes) * 60_000;
const settings = toSettings();
const chosen = [...PROPERTIES, ...THREAD_PROPERTIES].filter(({ name }) =>
  name.includes(values.only),
);

let round = 0;
let tried = 0;
let counterexample: string | undefined;
do {
  const seed = (settings.seed + round++) % 2 ** 31;
  for (const { name, part, check } of chosen) {
    const cases = Math.ceil(settings.cases * part);
    counterexample = await check({ ...settings, seed, cases });
    tried += cases;
    if (counterexample === undefined) continue;
    console.log(`NOT: ${name}\n\n${counterexample}\n`);
    const { cases: all } = settings;
    console.log(`again: RXVISOR_SEED=${seed} RXVISOR_CASES=${all} npm run fuzz -- --minutes 0`);
    break;
  }
} while (counterexample === undefined && Date.now() < until);

const verdict = counterexample === undefined ? 'all well' : 'a counterexample';
const summary = `${tried} cases in ${round} rounds, ${verdict} (first seed ${settings.seed})\n`;
// A runner that did not go down would keep the process alive.
process.stdout.write(summary, () => process.exit(counterexample === undefined ? 0 : 1));
