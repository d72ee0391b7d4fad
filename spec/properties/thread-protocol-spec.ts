import { describe, it } from '@jest/globals';
import { toSettings } from './settings.js';
import { THREAD_PROPERTIES } from './thread-properties.js';

const settings = toSettings();
const { seed, cases } = settings;

describe(`the two sides of a thread, with a simulated port (RXVISOR_SEED=${seed} RXVISOR_CASES=${cases})`, () => {
  it.each(THREAD_PROPERTIES)(
    '$name',
    async ({ part, check }) => {
      const counterexample = await check({ ...settings, cases: Math.ceil(cases * part) });
      if (counterexample !== undefined) throw new Error(counterexample);
    },
    120_000,
  );
});
