// npm run bench [-- --quick] [group…]: measures rxvisor and its peers side by side, prints one table and
// the targets, and writes results/latest.json.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { toTable, toTargets } from './report.mjs';
import { measureGroup } from './rounds.mjs';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});

/** One after the other. Each may be asked for by its name, or by the name of its set. */
const SETS = {
  tasks: ['burst', 'burst-quadratic', 'idle', 'restarts', 'storm'],
  threads: [
    'round-trip',
    'round-trip-pinned',
    'in-flight',
    'buffers',
    'streams',
    'backpressure',
    'backpressure-buffers',
    'cold-start',
    'parallel',
  ],
  jobs: ['broker'],
};
/** A quick run leaves these out. */
const THOROUGH = new Set(['burst-quadratic', 'backpressure-buffers']);
/** Of a group that may take for ever, in ms. */
const DEADLINES = { 'burst-quadratic': 20_000 };

const began = performance.now();
const rows = [];
for (const group of toGroups()) {
  process.stderr.write(`measuring ${group}\n`);
  const limits = { patience: flags.quick ? 8_000 : 50_000, deadline: DEADLINES[group] };
  for (const row of await measureGroup(group, flags, limits)) merge(row);
}
const targets = toTargets(rows);
const report = { machine: toMachine(), versions: toVersions(), rows, targets };

mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
writeFileSync(
  new URL('./results/latest.json', import.meta.url),
  `${JSON.stringify(report, undefined, 2)}\n`,
);
console.log(toTable(rows, report));
console.log(
  `${((performance.now() - began) / 1_000).toFixed(0)} s; all samples are in bench/results/latest.json`,
);

function toGroups() {
  const asked = positionals.length > 0 ? positionals : Object.keys(SETS);
  return asked
    .flatMap((name) => SETS[name] ?? [name])
    .filter((group) => !flags.quick || !THOROUGH.has(group) || positionals.includes(group));
}

/** The same row may be measured in parts. */
function merge(measured) {
  const row = rows.find((each) => each.row === measured.row);
  if (row) Object.assign(row.competitors, measured.competitors);
  else rows.push(measured);
}

function toMachine() {
  return {
    node: process.version,
    cpus: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
  };
}

function toVersions() {
  const names = ['rxjs', 'effect', 'p-queue', 'p-retry', 'cockatiel'].concat([
    'piscina',
    'tinypool',
    'workerpool',
    'threads',
    'pg-boss',
    'graphile-worker',
  ]);
  const { version } = read(new URL('../package.json', import.meta.url));
  return { rxvisor: version, ...Object.fromEntries(names.map((name) => [name, versionOf(name)])) };
}

/** Of the very copy that is measured. Not every package exports its package.json, so it's looked up. */
function versionOf(name) {
  for (const base of ['./node_modules/', '../node_modules/']) {
    try {
      return read(new URL(`${base}${name}/package.json`, import.meta.url)).version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}

function read(url) {
  return JSON.parse(readFileSync(url, 'utf8'));
}
