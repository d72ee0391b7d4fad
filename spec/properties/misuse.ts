import { NEVER } from 'rxjs';
import type { Command } from './program.js';
import type { World } from './world.js';

const CODES = {
  'duplicate name': 'ERR_RXVISOR_DUPLICATE_NAME',
  'unknown task': 'ERR_RXVISOR_UNKNOWN_TASK',
  payload: 'ERR_RXVISOR_INVALID_PAYLOAD',
  option: 'ERR_RXVISOR_INVALID_OPTION',
};

/** A call that has to be refused, and must change nothing (I44). */
export function misuse(world: World, { how, nth }: Extract<Command, { do: 'misuse' }>): void {
  const { runner } = world;
  const tasks = runner.tasks();
  const call = () => {
    const [{ name } = { name: 'nobody' }] = tasks.slice(nth % Math.max(1, tasks.length));
    if (how === 'duplicate name') runner.adopt(NEVER, { name });
    else if (how === 'unknown task') runner.restart(`${name}!`);
    else if (how === 'payload') runner.adopt(Promise.resolve() as never);
    else runner.adopt(NEVER, { grace: -1 });
  };
  if (how === 'duplicate name' && tasks.length === 0) return;
  const before = snapshot(world);
  let code: unknown = 'none: it was not refused';
  try {
    call();
  } catch (error) {
    ({ code } = error as { code?: unknown });
  }
  const refuses =
    how !== 'unknown task' && (runner.state === 'stopping' || runner.state === 'stopped');
  const wanted = refuses ? 'ERR_RXVISOR_RUNNER_STATE' : CODES[how];
  world.note({ fact: 'refused', call: how, code, wanted });
  const after = snapshot(world);
  if (before !== after)
    world.escaped.push(new Error(`I44: refusing ${how} changed ${before} to ${after}`));
}

const snapshot = ({ runner, log, clock }: World) =>
  JSON.stringify([
    runner.state,
    log.length,
    clock.foreign,
    runner.tasks().map(({ name, state }) => [name, state]),
  ]);
