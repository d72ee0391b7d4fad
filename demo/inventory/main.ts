// Takes inventory of a directory tree, with what this package is about at work: a group of supervised
// tasks, executions by the thousand on worker threads, a lifecycle to look at, and a graceful end.
import {
  type Observable,
  endWith,
  filter,
  ignoreElements,
  interval,
  lastValueFrom,
  map,
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
import type { Totals } from './collector-server.js';
import { countEvents } from './history.js';
import { inventory } from './inventory.js';
import { progress } from './progress.js';
import { toReport } from './report.js';
import { showFrames, showLines } from './screen.js';
import type { Tally } from './tally.js';

async function takeInventory(settings: Settings): Promise<void> {
  const began = Date.now();
  const { payload, tally, outbox, desk } = inventory(settings);
  const threads = { size: settings.concurrency };
  const runner = new Runner({ grace: 3_000, shutdownTimeout: 5_000, threads });
  const history = countEvents(runner.events$);
  const shown = show(runner.events$, began, () => progress(tally, outbox));
  // Whoever reads the output may have left: `npm run demo | head`.
  process.stdout.on('error', () => void runner.shutdown('nobody reads the output'));

  runner.adopt(payload, { name: 'inventory' });
  const { report, failure } = await runToTheEnd(runner);
  await shown;

  const { root } = settings;
  const { totals } = desk;
  const took = Date.now() - began;
  const cutShort = whyCutShort(report);
  console.log(`\n${toReport({ root, tally, outbox, history, totals, took, cutShort })}`);
  const complaint = failure ?? (cutShort ? undefined : disagreement(tally, totals));
  if (complaint !== undefined) console.error(`\nerror: ${complaint}`);
  end(complaint === undefined ? 0 : 1, report);
}

async function runToTheEnd(runner: Runner): Promise<{ report: Report; failure?: string }> {
  try {
    return { report: await runner.run({ signals: true, until: 'idle' }) };
  } catch (error) {
    if (error instanceof RunnerFailedError) return { report: error.report, failure: error.message };
    throw error;
  }
}

/** Shows the lifecycle and the progress, on whatever there is to show it on, until the runner is down. */
function show(
  events$: Observable<LifecycleEvent>,
  began: number,
  status: () => string,
): Promise<unknown> {
  const { stdout, env } = process;
  const isScreen = stdout.isTTY && env.TERM !== 'dumb';
  const time = (at: number) => `${((at - began) / 1_000).toFixed(2)} s`.padStart(8);
  const lines$ = events$.pipe(
    filter(isWorthALine),
    formatLifecycle({ time, colours: isScreen && !env.NO_COLOR, width: 27 }),
  );
  const down$ = events$.pipe(ignoreElements(), endWith('down'));
  const ticks$ = interval(100).pipe(startWith('begin'), takeUntil(down$), endWith('end'));
  const status$ = ticks$.pipe(map(status));
  const view = { lines$, status$ };
  return lastValueFrom(isScreen ? showFrames(view, stdout) : showLines(view, stdout), {
    defaultValue: undefined,
  });
}

/** Of the files, which are executed by the thousand, only those that can't be read. */
const isWorthALine = (event: LifecycleEvent) =>
  !('task' in event) ||
  event.origin === 'adopt' ||
  event.type === 'crash' ||
  event.task.endsWith('/walker');

function whyCutShort({ reason: { type, signal, message } }: Report): string | undefined {
  if (type === 'idle') return undefined;
  return type === 'failure' ? 'failed' : `stopped by ${signal ?? message ?? type}`;
}

const disagreement = ({ files, bytes }: Tally, totals: Totals | undefined) =>
  totals?.files === files && totals.bytes === bytes
    ? undefined
    : `${files} files were reported and ${totals?.files ?? 'nobody knows how many'} collected`;

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
