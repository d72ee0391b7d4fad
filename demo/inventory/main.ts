// Takes inventory of a directory tree, with what this package is about at work: a group of supervised
// tasks, executions by the thousand on worker threads, jobs that outlive the process, a lifecycle to look
// at, and a graceful end.
import {
  type Observable,
  endWith,
  filter,
  ignoreElements,
  interval,
  lastValueFrom,
  map,
  merge,
  startWith,
  takeUntil,
} from 'rxjs';
import {
  type LifecycleEvent,
  type Report,
  Runner,
  RunnerFailedError,
  formatLifecycle,
} from 'rxvisor';
import { BadArguments, HELP, type Settings, readArguments } from './arguments.js';
import { countEvents, isOfJob } from './history.js';
import { inventory } from './inventory.js';
import type { Totals } from './ledger.js';
import { progress } from './progress.js';
import { toReport } from './report.js';
import { showFrames, showLines } from './screen.js';
import type { Tally } from './tally.js';
import { counted } from './words.js';

async function takeInventory(settings: Settings): Promise<void> {
  const began = Date.now();
  const threads = { size: settings.concurrency };
  const runner = new Runner({ grace: 3_000, shutdownTimeout: 12_000, threads });
  const { payload, tally, outbox, archive, collector } = inventory(settings, runOf(began), runner);
  const history = countEvents(runner.events$);
  const shown = show(runner.events$, archive.left$, began, () => progress(tally, outbox, archive));
  // Whoever reads the output may have left: `npm run demo | head`.
  process.stdout.on('error', () => void runner.shutdown('nobody reads the output'));

  runner.adopt(payload, { name: 'inventory' });
  const { report, failure } = await runToTheEnd(runner);
  await shown;

  if (failure && !archive.isOpen) {
    console.error(`inventory: ${firstLineOf(failure.cause)} (${wayOut(settings)})`);
    end(1, report);
    return;
  }
  const { root } = settings;
  const totals = await archive.total();
  const findings = { root, tally, outbox, collector, archive, history, totals };
  const took = Date.now() - began;
  const cutShort = whyCutShort(report);
  console.log(`\n${toReport({ ...findings, took, cutShort })}`);
  const complaint = failure?.message ?? (cutShort ? undefined : disagreement(tally, totals));
  if (complaint !== undefined) console.error(`\nerror: ${complaint}`);
  end(complaint === undefined ? 0 : 1, report);
}

/** `2026-11-21T09.41.07-4711`: no two runs have the same. */
const runOf = (began: number) =>
  `${new Date(began).toISOString().slice(0, 19).replaceAll(':', '.')}-${process.pid}`;

const wayOut = ({ databaseUrl }: Settings) =>
  databaseUrl ? 'DATABASE_URL says where it is' : '--data-dir DIR takes another folder';

const firstLineOf = (error: unknown) =>
  String((error as { message?: string }).message ?? error).split('\n')[0];

async function runToTheEnd(
  runner: Runner,
): Promise<{ report: Report; failure?: RunnerFailedError }> {
  try {
    return { report: await runner.run({ signals: true, until: 'idle' }) };
  } catch (error) {
    if (error instanceof RunnerFailedError) return { report: error.report, failure: error };
    throw error;
  }
}

/** Shows the lifecycle and the progress, on whatever there is to show it on, until the runner is down. */
function show(
  events$: Observable<LifecycleEvent>,
  left$: Observable<number>,
  began: number,
  status: () => string,
): Promise<unknown> {
  const { stdout, env } = process;
  const isScreen = stdout.isTTY && env.TERM !== 'dumb';
  const time = (at: number) => `${((at - began) / 1_000).toFixed(2)} s`.padStart(8);
  const lifecycle$ = events$.pipe(
    filter(isWorthALine),
    formatLifecycle({ time, colours: isScreen && !env.NO_COLOR, width: WIDTH }),
  );
  const down$ = events$.pipe(ignoreElements(), endWith('down'));
  const archived$ = left$.pipe(
    filter((left) => left > 0),
    map((left) => `${time(Date.now())} ◆ ${'inventory/archive'.padEnd(WIDTH)}  ${sayLeft(left)}`),
  );
  const lines$ = merge(lifecycle$, archived$.pipe(takeUntil(down$)));
  const ticks$ = interval(100).pipe(startWith('begin'), takeUntil(down$), endWith('end'));
  const status$ = ticks$.pipe(map(status));
  const view = { lines$, status$ };
  return lastValueFrom(isScreen ? showFrames(view, stdout) : showLines(view, stdout), {
    defaultValue: undefined,
  });
}

const WIDTH = 27;

const sayLeft = (left: number) =>
  `${counted(left, 'batch', 'batches')} left from an earlier run: entered`;

/** Of the files, which are executed by the thousand, and of the jobs, only those that fail. */
const isWorthALine = (event: LifecycleEvent) =>
  !('task' in event) ||
  (event.origin === 'adopt' && !isOfJob(event)) ||
  event.type === 'crash' ||
  event.task.endsWith('/walker');

function whyCutShort({ reason: { type, signal, message } }: Report): string | undefined {
  if (type === 'idle') return undefined;
  return type === 'failure' ? 'failed' : `stopped by ${signal ?? message ?? type}`;
}

const disagreement = ({ files, bytes }: Tally, totals: Totals) =>
  totals.files === files && totals.bytes === bytes
    ? undefined
    : `${files} files were reported and ${totals.files} collected`;

/** The process ends by itself, unless somebody was abandoned: a read that hangs would keep it for ever. */
function end(code: number, { stragglers }: Report): void {
  process.exitCode = code;
  if (stragglers.length > 0) process.stdout.write('', () => process.exit());
}

try {
  const settings = readArguments(process.argv.slice(2));
  if (settings) await takeInventory(settings);
  else console.log(HELP);
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  console.error(`inventory: ${error.message} (--help tells more)`);
  process.exitCode = 2;
}
