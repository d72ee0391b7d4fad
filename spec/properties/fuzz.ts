import { parseArgs } from 'node:util';
import { PROPERTIES } from './properties.js';
import { toSettings } from './settings.js';

// Usage: npm run fuzz -- --minutes 10   (RXVISOR_SEED begins with a seed, RXVISOR_CASES sets the size of a round)
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
});
const until = Date.now() + Number(values.minutes) * 60_000;
const settings = toSettings();
const chosen = PROPERTIES.filter(({ name }) => name.includes(values.only));

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
    console.log(
      `again: RXVISOR_SEED=${seed} RXVISOR_CASES=${settings.cases} npm run fuzz -- --minutes 0`,
    );
    process.exitCode = 1;
    break;
  }
} while (counterexample === undefined && Date.now() < until);

console.log(
  `${tried} cases in ${round} rounds, ${process.exitCode === 1 ? 'a counterexample' : 'all well'}`,
);
