import type { RunnerFailedError } from '../errors.js';
import type { Report } from '../report.js';
import { expectAdoption } from '../runner/expect.js';
import { runtime } from '../service/runtime.js';
import { peek } from '../show.js';
import type { RunCommand } from './arguments.js';
import { exitCode } from './exit-code.js';
import { failureText, lateText } from './failure-text.js';
import { flush } from './flush.js';
import { catchUncaught } from './last-resort.js';
import { later } from './later.js';
import { LISTENERS } from './listeners.js';
import { Log } from './log/log.js';
import { adoptModules } from './module/adopt-modules.js';
import { findModule } from './module/find-module.js';
import { Loading } from './module/loading.js';
import { SecondSignal } from './second-signal.js';
import { Witness } from './witness.js';

/** How long listeners may take to leave, and a reader to read after a second signal, in ms. */
const PATIENCE = 1_000;

/**
 * `rxvisor run`: loads modules inside a running daemon, and waits for its end.
 *
 * @returns A promise of the exit code, when all that has been written has been read.
 * @throws {@link UsageError} if it can't begin.
 */
export async function run(command: RunCommand): Promise<number> {
  const modules = command.modules.map(findModule);
  const log = new Log(command);
  process.argv = [process.execPath, modules[0]?.path ?? '', ...command.args];
  process.setSourceMapsEnabled(true);

  const witness = new Witness(runtime);
  log.follow(runtime.events$);
  const lastResort = catchUncaught(runtime);
  const second = new SecondSignal();
  const loading = new Loading(runtime, log);
  const { loaded } = loading;
  const leave = LISTENERS.map((listen) => listen({ runner: runtime, command, log, loaded }));
  // Nothing may be left to do before all is there that is to be done.
  const expected = expectAdoption(runtime);
  const over = runtime.run({ signals: true, until: command.keepAlive ? 'stopped' : 'idle' });
  const adopting = adoptModules(modules, runtime, witness, command.keepAlive);
  // Listeners hear first that all is there, though all may be done by now.
  void loading.follow(adopting).then(expected);

  // A module that is still being loaded isn't waited for.
  const report = await over.catch(reportOf);
  const leaving = leave.map(async (stop) => {
    await stop();
  });
  const lost = report.tolerated.filter((failure) => witness.hasLost(failure));
  const { late } = lastResort;
  const text = failureText(report, { lost, late }, witness.bystanders.values());
  if (text !== undefined) log.sayToPeople(text);
  // Of the report, `down` has told.
  for (const error of late) log.sayToMachines('error', lateText(error));
  lastResort.onLate = (error) => {
    log.say('error', lateText(error));
  };
  await Promise.race([Promise.allSettled(leaving), later(PATIENCE)]);
  log.close();
  await Promise.race([
    flush([process.stdout, process.stderr]),
    second.come.then(() => later(PATIENCE)),
  ]);
  const { number: secondSignal } = second;
  return exitCode({ report, secondSignal, refused: loading.isRefused, lost, late });
}

/** A runner that failed says with what. It may be of another copy of this package. */
function reportOf(error: unknown): Report {
  if (peek(error, 'code') === 'ERR_RXVISOR_RUNNER_FAILED')
    return (error as RunnerFailedError).report;
  throw error;
}
