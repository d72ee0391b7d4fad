import { describe, it } from '@jest/globals';
import { PROPERTIES } from './properties.js';
import { toSettings } from './settings.js';

const { seed, cases } = toSettings();

describe(`INVARIANTS, in virtual time (RXVISOR_SEED=${seed} RXVISOR_CASES=${cases})`, () => {
  it.each(PROPERTIES)(
    '$name',
    async ({ part, check }) => {
      const counterexample = await check({ seed, cases: Math.ceil(cases * part) });
      if (counterexample !== undefined) throw new Error(counterexample);
    },
    120_000,
  );
});
