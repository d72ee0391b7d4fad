// A fleet of three processes on one PostgreSQL does some hundreds of jobs. One of them is killed half-way,
// without a word; the others do what it had begun, and each job is done once.
import { parseArgs } from 'node:util';
import {
  type Observable,
  endWith,
  filter,
  ignoreElements,
  interval,
  lastValueFrom,
  map,
  takeUntil,
} from 'rxjs';
import {
  type LifecycleEvent,
  type Report,
  Runner,
  RunnerFailedError,
  formatLifecycle,
} from 'rxvisor';
import { showFrames, showLines } from '../inventory/screen.js';
import { saySeconds } from '../inventory/words.js';
import { Crew } from './crew.js';
import { type Database, fleet } from './fleet.js';
import { findBinaries } from './postgres.js';
import { complaint, toReport } from './report.js';
import { status } from './status.js';

const HELP = `Does jobs with three processes on one PostgreSQL, and kills one of them half-way.

  npm run demo:fleet [-- --jobs N]

  --jobs N   how many jobs, of half a second each: 48 to 10,000 (default 240)

DATABASE_URL is the PostgreSQL, in which it makes a schema "rxvisor_demo"; without it,
one is started for the demo, and gone with it.

Exit codes: 0 each job was done once; 1 not so, or stopped before; 2 bad arguments.`;

async function show(jobs: number, database: Database): Promise<void> {
  const began = Date.now();
  const crew = new Crew(jobs, 3);
  // A worker that is being started hears of its end when it has been: on a busy machine that takes its time.
  const runner = new Runner({ grace: 20_000, shutdownTimeout: 40_000 });
  let deadLetters = 0;
  const over = (count: number) => (deadLetters = count);
  const shown = watch(runner.events$, began, () => status(crew));
  process.stdout.on('error', () => void runner.shutdown('nobody reads the output'));
  process.once('SIGHUP', () => void runner.shutdown('the terminal is gone'));

  const payload = fleet({ crew, database, runner, over });
  const fleet$ = runner.adopt(payload, { name: 'fleet' });
  runner.events$
    .pipe(
      filter(
        (event) =>
          event.type === 'exit' && event.task === 'fleet/jobs' && event.outcome === 'completed',
      ),
    )
    .subscribe(() => void fleet$.stop('all jobs are done'));
  const { report, failure } = await runToTheEnd(runner);
  await shown;

  if (crew.done > 0) {
    console.log(`\n${jobs} jobs, three workers (${saySeconds(Date.now() - began)})\n`);
    console.log(`${toReport(crew, deadLetters)}\n`);
  }
  const { type, signal, message } = report.reason;
  const wrong =
    failure ??
    (type === 'idle'
      ? complaint(crew, deadLetters)
      : signal
        ? `stopped by ${signal}`
        : `stopped: ${message ?? type}`);
  if (wrong !== undefined) console.error(`fleet: ${wrong}`);
  process.exitCode = wrong === undefined ? 0 : 1;
  if (report.stragglers.length > 0) process.exit();
}

async function runToTheEnd(runner: Runner): Promise<{ report: Report; failure?: string }> {
  try {
    return { report: await runner.run({ signals: true, until: 'idle' }) };
  } catch (error) {
    if (!(error instanceof RunnerFailedError)) throw error;
    return { report: error.report, failure: firstLineOf(error.cause) };
  }
}

const firstLineOf = (error: unknown) =>
  String((error as { message?: string }).message ?? error).split('\n')[0] ?? '';

/** Shows the lifecycle, and what the workers do, until the runner is down. */
function watch(
  events$: Observable<LifecycleEvent>,
  began: number,
  now: () => string,
): Promise<unknown> {
  const { stdout, env } = process;
  const isScreen = stdout.isTTY && env.TERM !== 'dumb';
  const time = (at: number) => saySeconds(at - began).padStart(6);
  const colours = isScreen && !env.NO_COLOR;
  const down$ = events$.pipe(ignoreElements(), endWith('down'));
  const lines$ = events$.pipe(
    filter((event) => 'backend' in event || ('task' in event && event.task.startsWith('fleet/'))),
    formatLifecycle({ time, colours, width: 14 }),
  );
  const ticks$ = interval(100).pipe(takeUntil(down$), endWith('end'));
  const view = { lines$, status$: ticks$.pipe(map(now)) };
  const shown$ = isScreen ? showFrames(view, stdout) : showLines(view, stdout, 3_000);
  return lastValueFrom(shown$, { defaultValue: undefined });
}

/** @returns How many jobs, or nothing when it's help that is wanted. */
function readArguments(): number | undefined {
  const { values } = parseArgs({
    options: { jobs: { type: 'string', default: '240' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return undefined;
  const jobs = Number(values.jobs);
  if (Number.isInteger(jobs) && jobs >= 48 && jobs <= 10_000) return jobs;
  throw new Error(`--jobs is "${values.jobs}": give a whole number from 48 to 10,000`);
}

async function findDatabase(): Promise<Database | undefined> {
  const { DATABASE_URL: url } = process.env;
  if (url) return { url };
  const binaries = await findBinaries();
  return binaries && { binaries };
}

try {
  const jobs = readArguments();
  const database = await findDatabase();
  if (jobs === undefined) console.log(HELP);
  else if (database) await show(jobs, database);
  else {
    const machine = `${process.platform} ${process.arch}`;
    console.error(
      `fleet: there is no PostgreSQL to start on this machine (${machine}): give DATABASE_URL=postgres://user:password@host:5432/database`,
    );
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`fleet: ${(error as Error).message.split('. ')[0]} (--help tells more)`);
  process.exitCode = 2;
}
