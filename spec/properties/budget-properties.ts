import fc from 'fast-check';
import { RestartBudget } from '../../src/supervise/restart-budget.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

interface Spending {
  readonly limit: number;
  readonly within: number;
  /** Time between one demand and the next; 'reset' makes the budget whole. */
  readonly gaps: readonly (number | 'reset')[];
}

const spendings: fc.Arbitrary<Spending> = fc.record({
  limit: fc.constantFrom(0, 1, 2, 3, 5, Infinity),
  within: fc.constantFrom(0, 1, 10, 20),
  gaps: fc.array(fc.constantFrom<number | 'reset'>(0, 0, 1, 2, 5, 9, 10, 11, 20, 21, 'reset'), {
    maxLength: 30,
  }),
});

/** I20: at most `limit` in every window, edges inside, and no more refused than that asks for. */
export const checkBudget = (settings: Settings): Promise<string | undefined> =>
  search(spendings, findBadBudget, (spending) => JSON.stringify(spending), settings);

function findBadBudget({ limit, within, gaps }: Spending): string[] {
  const budget = new RestartBudget(limit, within);
  let granted: number[] = [];
  let now = 1_000;
  return gaps.flatMap((gap) => {
    if (gap === 'reset') {
      budget.reset();
      granted = [];
      return [];
    }
    now += gap;
    const recent = granted.filter((at) => now - at <= within).length;
    const wanted = recent < limit;
    const taken = budget.take(now);
    if (wanted) granted.push(now);
    return taken === wanted
      ? []
      : [
          `I20: at ${now}, after ${recent} of ${limit} restarts, one more is ${taken ? 'granted' : 'refused'}`,
        ];
  });
}
