import { once } from 'node:events';
import { RunnerStateError, UsageError } from '../errors.js';
import { runtime } from '../service/runtime.js';
import type { CheckCommand } from './arguments.js';
import { DONE, REFUSED } from './exit-code.js';
import { flush } from './flush.js';
import { later } from './later.js';
import { type AdoptedDefault, adoptDefault } from './module/adopt-default.js';
import { type Module, findModule } from './module/find-module.js';
import { loadModule } from './module/load-module.js';
import { sayLoadFailure } from './module/say-load-failure.js';
import { sayRefusal } from './say-refusal.js';

/**
 * `rxvisor check`: loads modules while the runtime is idle, so that nothing of them is run, and says on
 * stdout what they would run.
 *
 * @returns A promise of the exit code.
 */
export async function check(command: CheckCommand): Promise<number> {
  const modules = command.modules.map(findModule);
  process.argv = [process.execPath, modules[0]?.path ?? '', ...command.args];
  process.setSourceMapsEnabled(true);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // A module that runs the runtime itself would be run.
  Object.defineProperty(runtime, 'run', { value: refuseToRun });

  let code = DONE;
  for (const module of modules) {
    try {
      process.stdout.write(`${module.shown}: ${await guard(module, look(module))}\n`);
    } catch (error) {
      process.stderr.write(`rxvisor: ${sayRefusal(error)}\n`);
      code = REFUSED;
    }
  }
  await flush([process.stdout, process.stderr]);
  return code;
}

/** Says what a module would run. */
async function look(module: Module): Promise<string> {
  const known = new Set(runtime.tasks().map(({ id }) => id));
  const adopted = adoptDefault(runtime, module, await loadModule(module));
  // Services adopt themselves when the code that has made them has come to its end.
  await later(0);
  const tasks = runtime.tasks().filter(({ id }) => !known.has(id));
  if (tasks.length === 0) throw new UsageError(`${module.shown}: nothing to run`);
  return tasks.map(({ name }) => sayTask(name, adopted)).join(', ');
}

const sayTask = (name: string, adopted: AdoptedDefault | undefined) =>
  adopted?.task === name && adopted.members ? adopted.members.join(', ') : name;

/** Waits for what a module does, unless it throws what nobody catches, or nothing is left that it could wait for. */
async function guard<T>(module: Module, work: Promise<T>): Promise<T> {
  const leave = new AbortController();
  const signals = { signal: leave.signal };
  const uncaught = ['uncaughtException', 'unhandledRejection'].map(async (name) => {
    const [cause] = (await once(process, name, signals)) as unknown[];
    throw new UsageError(await sayLoadFailure(module, cause), { cause });
  });
  const onExit = () => {
    process.stderr.write(`rxvisor: ${module.shown}: it ends the process, by process.exit()\n`);
    process.exitCode = REFUSED;
  };
  process.on('exit', onExit);
  const drained = once(process, 'beforeExit', signals).then(() => {
    throw new UsageError(`${module.shown}: it awaits what happens only while it's run`);
  });
  try {
    return await Promise.race([work, ...uncaught, drained]);
  } finally {
    leave.abort();
    process.off('exit', onExit);
    await Promise.allSettled([...uncaught, drained]);
  }
}

const refuseToRun = () =>
  Promise.reject(new RunnerStateError('idle', 'the runtime is not to run(): it is only checked'));
