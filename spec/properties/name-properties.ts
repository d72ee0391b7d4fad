import fc from 'fast-check';
import { NEVER } from 'rxjs';
import { Runner } from '../../src/index.js';
import { search } from './search.js';
import type { Settings } from './settings.js';

/** Names that look like those that the runner makes are given too. */
type Step =
  | { readonly step: 'give'; readonly name: string }
  | { readonly step: 'leave'; readonly base: string }
  | { readonly step: 'stop'; readonly nth: number };

const name = fc.constantFrom('a', 'a#2', 'a#3', 'a#2#2', 'b');

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ step: fc.constant('give' as const), name }),
    fc.record({ step: fc.constant('leave' as const), base: name }),
    fc.record({ step: fc.constant('leave' as const), base: name }),
    fc.record({ step: fc.constant('stop' as const), nth: fc.nat(6) }),
  ),
  { maxLength: 20 },
);

/** I35: the names of the living are unique, a given one is refused when it lives, and each is found by it. */
export const checkNames = (settings: Settings): Promise<string | undefined> =>
  search(steps, findBadName, (drawn) => JSON.stringify(drawn), settings);

async function findBadName(drawn: readonly Step[]): Promise<string[]> {
  const runner = new Runner();
  const living: string[] = [];
  const found: string[] = [];
  for (const step of drawn) {
    if (step.step === 'stop') {
      const [gone] = living.splice(step.nth % Math.max(1, living.length), 1);
      if (gone !== undefined)
        await runner.stop(gone).catch(() => found.push(`I35: "${gone}" is not found`));
    } else if (step.step === 'give') {
      const isRefused = refuses(() => runner.adopt(NEVER, { name: step.name }));
      if (isRefused !== living.includes(step.name))
        found.push(`I44: "${step.name}" is${isRefused ? '' : ' not'} refused`);
      if (!isRefused) living.push(step.name);
    } else {
      // A function brings its name along.
      const payload = Object.defineProperty(() => NEVER, 'name', { value: step.base });
      const { name: made } = runner.adopt(payload);
      if (living.includes(made)) found.push(`I35: "${made}" lives already`);
      if (!living.includes(step.base) && made !== step.base)
        found.push(`I35: "${step.base}" was free, and it got "${made}"`);
      if (!made.startsWith(step.base)) found.push(`I35: "${made}" is made of "${step.base}"`);
      living.push(made);
    }
    const names = runner.tasks().map((task) => task.name);
    if (names.join() !== living.join())
      found.push(`I43: the living are ${names.join()}, not ${living.join()}`);
  }
  await runner.shutdown();
  return found;
}

function refuses(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_RXVISOR_DUPLICATE_NAME';
  }
}
