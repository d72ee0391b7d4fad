import type { TaskEvent, TaskInfo } from '../../src/index.js';
import type { Actor } from './actor.js';
import { isTaskEvent } from './history.js';
import type { World } from './world.js';

/** I43: `tasks()` is what the log says of the living, and `state` never goes back. */
export function toFold(): (world: World) => string[] {
  let state = 'idle';
  return (world) => {
    const found: string[] = [];
    const { runner, actors, log, trace } = world;
    const order = ['idle', 'running', 'stopping', 'stopped'];
    if (order.indexOf(runner.state) < order.indexOf(state))
      found.push(`I43: the runner went from ${state} back to ${runner.state}`);
    ({ state } = runner);
    const born = new Map<Actor, number>();
    for (const each of trace) if (each.fact === 'born') born.set(each.actor, each.at);
    const inOrder = [...actors].sort((a, b) => a.id - b.id);
    const wanted = inOrder.flatMap((actor) => {
      const events = log.filter(isTaskEvent).filter(({ id }) => id === actor.id);
      return events.at(-1)?.type === 'exit' ? [] : [toInfo(actor, events, born.get(actor) ?? 0)];
    });
    const told = runner.tasks();
    if (told.map(({ id }) => id).join() !== wanted.map(({ id }) => id).join())
      return [...found, `I43: the living are ${told.map(({ name }) => name).join()}`];
    wanted.forEach((info, i) => {
      const actual = told[i] as unknown as Record<string, unknown> & TaskInfo;
      // A member that waits for siblings to stop is between two attempts, though that is told later.
      const isHeld =
        inOrder.some(({ id, inside }) => id === info.id && inside === 'group') &&
        actual.state === 'backoff' &&
        info.state !== 'waiting';
      for (const [key, value] of Object.entries(info)) {
        if (Object.is(actual[key], value)) continue;
        if (isHeld && (key === 'state' || key === 'since' || key === 'ready')) continue;
        found.push(
          `I43: ${key} of "${info.name}" is ${String(actual[key])}, and the log says ${String(value)}`,
        );
      }
    });
    return found;
  };
}

/** What the log says of one life. */
function toInfo(
  { id, name, task, origin, inside }: Actor,
  events: readonly TaskEvent[],
  bornAt: number,
) {
  const { awaitReady = false } = task.terms;
  const info = {
    id,
    name,
    origin,
    state: 'waiting',
    ready: false,
    attempt: 0,
    restarts: 0,
    since: bornAt,
  };
  const more: { nextStartAt?: number | undefined; lastError?: unknown } = {
    nextStartAt: undefined,
    lastError: undefined,
  };
  for (const event of events) {
    info.attempt = event.attempt;
    more.nextStartAt = undefined;
    if (event.type === 'start')
      Object.assign(info, {
        state: 'running',
        since: event.at,
        ready: !awaitReady || origin === 'execute' || inside === 'pipe',
      });
    else if (event.type === 'ready') info.ready = true;
    else if (event.type === 'crash') Object.assign(info, { state: 'stopping', ready: false });
    else if (event.type === 'stopping') Object.assign(info, { state: 'stopping', ready: false });
    else if (event.type === 'restart') {
      Object.assign(info, {
        state: 'backoff',
        since: event.at,
        ready: false,
        restarts: info.restarts + 1,
      });
      more.nextStartAt = event.at + event.delay;
    }
    if (event.type === 'crash') more.lastError = event.error;
  }
  return { ...info, ...more };
}
