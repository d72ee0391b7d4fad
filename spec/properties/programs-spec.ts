import { describe, it } from '@jest/globals';
import { PROPERTIES } from './properties.js';
import { toSettings } from './settings.js';

const settings = toSettings();
const { seed, cases } = settings;

describe(`INVARIANTS, in virtual time (RXVISOR_SEED=${seed} RXVISOR_CASES=${cases})`, () => {
  it.each(PROPERTIES)(
    '$name',
    async ({ part, check }) => {
      const counterexample = await check({ ...settings, cases: Math.ceil(cases * part) });
      if (counterexample !== undefined) throw new Error(counterexample);
    },
    120_000,
  );
});
