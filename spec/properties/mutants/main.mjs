// Makes each of the deliberate mistakes in a copy of the sources, and lets the properties look for it.
//
// Usage: npm run mutants [-- part-of-a-name]      RXVISOR_CASES sets how many cases each of them gets
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './list.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CASES = env['RXVISOR_CASES'] ?? '6000';
const SEED = env['RXVISOR_SEED'] ?? '1';
/** A mutant that makes the properties run for ever is found as well: for much longer than without it, in ms. */
let patience = Infinity;

function copySources() {
  const copy = mkdtempSync(join(tmpdir(), 'rxvisor-mutant-'));
  for (const part of ['src', 'spec/properties', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/**
 * @param only  The invariant that has to see it, if not any will do.
 * @returns What the properties say: the invariants that are violated, none, or that they never ended.
 */
async function check(copy, only = '') {
  const args = ['--import', 'tsx', 'spec/properties/fuzz.ts', '--minutes', '0'];
  const settings = {
    ...env,
    RXVISOR_CASES: CASES,
    RXVISOR_SEED: SEED,
    RXVISOR_BRIEF: '1',
    RXVISOR_ONLY: only,
  };
  const child = spawn(execPath, args, { cwd: copy, env: settings });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const timer = patience < Infinity && setTimeout(() => child.kill('SIGKILL'), patience);
  const [code, signal] = await new Promise((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  clearTimeout(timer);
  if (signal) return { verdict: 'found', by: 'hang' };
  if (code === 0) return { verdict: 'SURVIVED', by: '' };
  const invariants = [...new Set(output.match(/^I\d+(?=:)/gm) ?? [])];
  if (invariants.length > 0) return { verdict: 'found', by: invariants.join(' ') };
  return { verdict: 'BROKEN', by: `\n${output.slice(0, 2_000)}` };
}

function mutate(copy, { from, to, name, file }) {
  const path = findPlace(copy, from, name, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return () => writeFileSync(path, text);
}

/** Files are moved and split more often than lines are changed, so a text is looked for everywhere. */
function findPlace(copy, from, name, file) {
  const sources = readdirSync(join(copy, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts') && (!file || path.endsWith(file)))
    .map((path) => join(copy, 'src', path));
  const places = sources.flatMap((path) =>
    Array(readFileSync(path, 'utf8').split(from).length - 1).fill(path),
  );
  if (places.length === 1) return places[0];
  throw new Error(
    `the mutant "${name}" no longer applies: its text is in ${places.length} places\n${from}`,
  );
}

const copy = copySources();
let bad = 0;
try {
  const wanted = MUTANTS.filter(({ name }) => name.includes(argv[2] ?? ''));
  // All the patches first: one that no longer applies is to be mended, whatever the others say.
  for (const mutant of wanted) mutate(copy, mutant)();
  const began = performance.now();
  const { verdict, by } = await check(copy);
  patience = Math.max(60_000, 8 * (performance.now() - began));
  if (verdict !== 'SURVIVED') throw new Error(`the sources themselves are ${verdict}: ${by}`);
  console.log(`${wanted.length} mutants, ${CASES} cases each; unmutated: 0 violations\n`);
  for (const mutant of wanted) {
    const restore = mutate(copy, mutant);
    const result = await check(copy, mutant.by);
    restore();
    const killed = result.verdict === 'found';
    if (!killed) bad++;
    const word = killed ? 'killed  ' : result.verdict;
    console.log(`${word} ${mutant.name} (by ${result.by || 'nothing'}; expected ${mutant.by})`);
  }
  console.log(`\n${wanted.length - bad} of ${wanted.length} mutants killed`);
} catch (error) {
  console.error(error.message);
  bad++;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
exit(bad === 0 ? 0 : 1);
