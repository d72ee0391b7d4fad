// npm run bench [-- --quick] [group…]: measures rxvisor and its peers side by side, prints one table and
// the targets, and writes results/latest.json.

import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { toTable, toTargets } from './report.mjs';

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});

/** Each runs in a process of its own, one after the other. */
const GROUPS = ['burst', 'burst-quadratic', 'idle', 'restarts', 'storm'];
/** How long a group that may take long is waited for, in ms; a quick run leaves it out. */
const PATIENCE = { 'burst-quadratic': 20_000 };

const began = performance.now();
const rows = [];
const groups = flags.quick ? GROUPS.filter((group) => !(group in PATIENCE)) : GROUPS;
for (const group of positionals.length > 0 ? positionals : groups) {
  process.stderr.write(`measuring ${group}\n`);
  for (const measured of await measure(group)) merge(measured);
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

/** What one group has measured; nothing when it was given up. */
function measure(group) {
  return new Promise((resolve, reject) => {
    const child = fork(
      new URL('./measure.mjs', import.meta.url),
      [group, ...(flags.quick ? ['--quick'] : [])],
      { execArgv: ['--expose-gc'], timeout: PATIENCE[group] ?? 0 },
    );
    let measured = [];
    child.on('message', (message) => (measured = message));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(measured);
      else if (signal && PATIENCE[group]) resolve([]);
      else reject(new Error(`the group ${group} ended with ${signal ?? code}`));
    });
  });
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
  const names = ['rxjs', 'effect', 'p-queue', 'p-retry', 'cockatiel'];
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
