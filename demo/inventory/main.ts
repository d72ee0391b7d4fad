// Takes inventory of a directory tree, with what this package is about at work: a group of supervised
// tasks, executions by the thousand, a lifecycle to look at, and a graceful end.
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
import { countEvents } from './history.js';
import { inventory } from './inventory.js';
import { progress } from './progress.js';
import { toReport } from './report.js';
import { showFrames, showLines } from './screen.js';

/** @returns The exit code. */
async function takeInventory(settings: Settings): Promise<number> {
  const began = Date.now();
  const { payload, tally, outbox, desk } = inventory(settings);
  const runner = new Runner({ grace: 3_000, shutdownTimeout: 5_000 });
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
  const cutShort = failure === undefined ? whyCutShort(report) : 'failed';
  console.log(`\n${toReport({ root, tally, outbox, history, totals, took, cutShort })}`);
  if (failure !== undefined) return complain(failure);
  if (!cutShort && (totals?.files !== tally.files || totals.bytes !== tally.bytes)) {
    return complain('the collector has counted otherwise');
  }
  return 0;
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

const whyCutShort = ({ reason: { type, signal, message } }: Report) =>
  type === 'idle' ? undefined : `stopped by ${signal ?? message ?? type}`;

function complain(message: string): number {
  console.error(`\nerror: ${message}`);
  return 1;
}

try {
  const settings = readArguments(process.argv.slice(2));
  if (settings) process.exitCode = await takeInventory(settings);
  else console.log(HELP);
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  console.error(`inventory: ${error.message} (--help tells more)`);
  process.exitCode = 2;
}
