import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/** A deliberate mistake, as `mutants/list.mjs` has it. */
interface Mutant {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly file?: string;
}

const SRC = join(import.meta.dirname, '../../src');
const LIST = './mutants/list.mjs';

it('the text of every mutant is in the sources exactly once: `npm run mutants` can make each mistake', async () => {
  const { MUTANTS } = (await import(LIST)) as { MUTANTS: readonly Mutant[] };
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));

  const placed = MUTANTS.map(({ name, from, file = '.ts' }) => {
    const inFiles = sources.filter(({ path }) => path.endsWith(file));
    return [name, inFiles.reduce((sum, { text }) => sum + text.split(from).length - 1, 0)];
  });

  expect(placed.length).toBeGreaterThanOrEqual(12);
  expect(placed.filter(([, places]) => places !== 1)).toEqual([]);
});
