import { relative } from 'node:path';
import type { Archive } from './archive.js';
import type { Collector } from './collector.js';
import type { History } from './history.js';
import type { Totals } from './ledger.js';
import type { Outbox } from './outbox.js';
import type { Tally } from './tally.js';
import { say, sayBytes, sayPath, saySeconds } from './words.js';

/** What a report is made of. */
export interface Findings {
  readonly root: string;
  readonly tally: Tally;
  readonly outbox: Outbox;
  readonly collector: Collector;
  readonly history: History;
  readonly archive: Archive;
  /** What is in the ledger of this run. */
  readonly totals: Totals;
  /** In ms. */
  readonly took: number;
  /** Why it isn't the whole inventory, if it isn't. */
  readonly cutShort: string | undefined;
}

const NAMED = 20;
const LARGEST = 5;

/** The table at the end. */
export function toReport(findings: Findings): string {
  const { root, tally, cutShort, took, archive } = findings;
  const short = (path: string) => sayPath(relative(root, path) || '.');
  const title = `Inventory of ${sayPath(root)}`;
  const state = cutShort ? `partial: ${cutShort} after ${saySeconds(took)}` : saySeconds(took);
  return [
    `${title} (${state})`,
    '',
    ...table(summary(findings)),
    ...section('Unreadable or gone', problemRows(tally, short)),
    ...section('Largest duplicates', duplicateRows(tally, short)),
    ...section('Restarts per task', rows(findings.history.restarts)),
    ...section('Events per type', rows(findings.history.events)),
    '',
    `All of it, a line for each batch: ${sayPath(fromHere(archive.path))}`,
  ].join('\n');
}

function summary({ tally, outbox, collector, archive, totals }: Findings): string[][] {
  const groups = tally.duplicates();
  const reclaimable = groups.reduce((sum, group) => sum + group.reclaimable, 0);
  const { files, bytes, links, problems, found } = tally;
  const waiting = outbox.acknowledged - totals.batches;
  return [
    ['files', say(files), files < found ? `of ${say(found)} found` : ''],
    ['bytes', say(bytes), inShort(bytes)],
    ['duplicate groups', say(groups.length)],
    ['reclaimable bytes', say(reclaimable), inShort(reclaimable)],
    ['links, not followed', say(links)],
    ['unreadable or gone', say(problems.length)],
    ['batches acknowledged', say(outbox.acknowledged), `of ${say(outbox.made)}`],
    ['files collected', say(totals.files), 'in the ledger'],
    ...(waiting > 0 ? [['batches left', say(waiting), 'to the next run']] : []),
    ...(archive.others > 0 ? [['batches of earlier runs', say(archive.others), 'entered']] : []),
    ['connections', say(collector.connections), `${say(collector.drops)} dropped`],
    ['batches sent again', say(collector.repeats), 'and counted once'],
  ];
}

/** As a user would write it. */
function fromHere(path: string): string {
  const way = relative('', path);
  return way.startsWith('..') ? path : way;
}

const inShort = (bytes: number) => (bytes < 1_000 ? '' : sayBytes(bytes));

function problemRows({ problems }: Tally, short: (path: string) => string): string[][] {
  const named = problems.slice(0, NAMED).map(({ path, error }) => [sayWhy(error), short(path)]);
  const others = problems.length - named.length;
  return others > 0 ? [...named, ['…', `and ${say(others)} more`]] : named;
}

const sayWhy = (error: unknown) => {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  return code ?? message;
};

const duplicateRows = (tally: Tally, short: (path: string) => string) =>
  tally
    .duplicates()
    .slice(0, LARGEST)
    .map(({ size, reclaimable, paths: [first = '', ...others] }) => [
      sayBytes(reclaimable),
      `in ${others.length + 1} × ${sayBytes(size)}`,
      short(first),
    ]);

const rows = (counts: ReadonlyMap<string, number>) => [...counts].map(([key, n]) => [key, say(n)]);

const section = (title: string, lines: string[][]) =>
  lines.length > 0 ? ['', title, '', ...table(lines)] : [];

/** Aligned columns, numbers to the right. */
function table(lines: readonly string[][]): string[] {
  const widths = [0, 1].map((column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const fit = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return /^[\d,.]+( [kMGT]?B)?$/.test(text) ? text.padStart(width) : text.padEnd(width);
  };
  return lines.map((line) => `  ${line.map(fit).join('  ')}`.trimEnd());
}
