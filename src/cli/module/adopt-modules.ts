import { UsageError } from '../../errors.js';
import type { Runner } from '../../runner/runner.js';
import { later } from '../later.js';
import type { Witness } from '../witness.js';
import { adoptDefault } from './adopt-default.js';
import type { Module } from './find-module.js';
import { loadModule } from './load-module.js';

/**
 * Loads modules into a running daemon and adopts what they export, one after another, so that it starts
 * in that order.
 *
 * @returns A promise that rejects with {@link UsageError} if one can't be loaded or adopted, or if all
 *   of them have nothing to run.
 */
export async function adoptModules(
  modules: readonly Module[],
  runner: Runner,
  witness: Witness,
  keepAlive: boolean,
): Promise<void> {
  for (const module of modules) {
    const exports = await loadModule(module);
    if (runner.state !== 'running') return;
    adoptDefault(runner, module, exports);
  }
  // Services adopt themselves when the code that has made them has come to its end.
  await later(0);
  if (!keepAlive && !witness.hasSomethingToRun) throw new UsageError(sayNothing(modules));
}

function sayNothing(modules: readonly Module[]): string {
  const names = modules.map(({ shown }) => shown).join(', ');
  return `${names}: nothing to run: export by default a function, an Observable, a group or a list of { name, payload }, or let the module adopt (runtime.adopt(), or new of a service)`;
}
