import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NEVER, retry } from 'rxjs';
import { constant, group, runGroup, supervise } from 'rxvisor';
import {
  Shared,
  Stage,
  Workers,
  allOf,
  anyFixture,
  leaveStages,
  muffleStderr,
  outcomeOf,
  until,
} from './support.js';

const contexts = anyFixture('contexts.mjs');
const pool = anyFixture('pool.mjs');
const stops = anyFixture('stops.mjs');

/** In the shared memory of the fixture. */
const [CAME, LEFT, FAILED] = [1, 2, 3];

let workers: Workers;
let stage: Stage;

beforeEach(() => {
  workers = new Workers();
  stage = new Stage({ threads: { size: 1 } });
  muffleStderr();
});

afterEach(async () => {
  await leaveStages();
  workers.stopWatching();
  jest.restoreAllMocks();
  expect(workers.alive.size).toBe(0);
});

describe('a group of tasks on threads', () => {
  it('should start in order of readiness, and stop in reverse', async () => {
    const [first, second] = [new Shared(), new Shared()];
    const task$ = stage.runner.adopt(
      group([
        {
          name: 'second',
          payload: contexts.staysUp!(second.buffer),
          after: ['first'],
          awaitReady: true,
        },
        { name: 'first', payload: contexts.staysUp!(first.buffer), awaitReady: true },
      ]),
      { name: 'web' },
    );
    await stage.until('ready', 'web/second');
    expect(workers.alive.size).toBe(2);
    await task$.stop();

    const order = stage.events
      .filter((event) => 'task' in event && event.task.startsWith('web/'))
      .map((event) => `${event.type} ${(event as { task: string }).task}`);
    expect(order).toEqual([
      ...['start web/first', 'ready web/first', 'start web/second', 'ready web/second'],
      ...['stopping web/second', 'exit web/second', 'stopping web/first', 'exit web/first'],
    ]);
    expect([first.get(LEFT), second.get(LEFT)]).toEqual([1, 1]);
  });

  it('should be restarted together, each on its own thread', async () => {
    const [stays, fails] = [new Shared(), new Shared()];
    stage.runner.adopt(
      group(
        [
          { name: 'stays', payload: contexts.staysUp!(stays.buffer) },
          {
            name: 'fails',
            payload: contexts.failsOnce!(fails.buffer, stays.buffer),
            backoff: constant(0),
          },
        ],
        { strategy: 'one-for-all' },
      ),
      { name: 'web' },
    );
    await stage.until('ready', 'web/fails', 2);
    await stage.until('ready', 'web/stays', 2);

    expect([stays.get(CAME), stays.get(LEFT), fails.get(FAILED)]).toEqual([2, 1, 2]);
    expect(stage.told('web/stays')).toEqual([
      ...['start', 'ready', 'stopping restart', 'restart sibling'],
      ...['start', 'ready'],
    ]);
    expect(workers.started).toHaveLength(2);
  });

  it('should be run to its end by runGroup()', async () => {
    const report = await runGroup([{ name: 'one', payload: stops.throwsAbortError!() }], {
      signals: false,
      stop$: stage.runner.execute(pool.sleep!(200)),
    });

    // The group is one, too.
    expect(report).toMatchObject({ counts: { stopped: 2 }, failures: [] });
  });
});

describe('a task on the main thread', () => {
  it('should adopt and execute on threads, which end with it', async () => {
    const shared = new Shared();
    const seen: unknown[] = [];
    const task$ = stage.runner.adopt(
      ({ adopt, execute }) => {
        adopt(contexts.staysUp!(shared.buffer), { name: 'child' });
        execute(pool.whoami!()).subscribe((id) => seen.push(id));
        return NEVER;
      },
      { name: 'main' },
    );
    await stage.until('ready', 'main/child');
    await stage.until('exit', 'main/whoami');
    await task$.stop();

    expect(seen).toEqual([expect.any(Number)]);
    expect(shared.get(LEFT)).toBe(1);
    expect(stage.told('main/child')).toEqual([
      ...['start', 'ready', 'stopping parent'],
      'exit stopped',
    ]);
  });
});

describe('a payload in a thread', () => {
  it('may have threads of its own', async () => {
    const [ids] = await allOf(stage.runner.execute(contexts.nests!()));

    expect(ids).toEqual([expect.any(Number), expect.any(Number)]);
    expect(new Set(ids as number[]).size).toBe(2);
  });

  it('should share those with the payloads that come after it', async () => {
    for (let round = 0; round < 4; round++) await allOf(stage.runner.execute(contexts.nests!()));
    const [first] = await allOf(stage.runner.execute(contexts.nests!()));
    const [second] = await allOf(stage.runner.execute(contexts.nests!()));

    expect(second).toEqual(first);
  });

  it('should take those along when it is stopped', async () => {
    const shared = new Shared();
    const payload = contexts.nestsFor!(shared.buffer);
    const task$ = stage.runner.adopt(payload, { name: 'outer' });
    await until(() => shared.get(CAME) === 1);
    await task$.stop();

    expect(stage.told('outer')).toEqual(['start', 'stopping stop', 'exit stopped']);
    expect(shared.get(LEFT)).toBe(1);
  });
});

describe('an execution on threads', () => {
  it('should be one more for each subscription: retry() and supervise() begin it again', async () => {
    const one$ = stage.runner.execute(pool.throwsTwice!(), { name: 'retried' });
    const retried = await outcomeOf(one$.pipe(retry(2)));
    const supervised = await outcomeOf(
      stage.runner
        .execute(pool.throwsTwice!(), { name: 'supervised' })
        .pipe(supervise({ maxRestarts: 1, backoff: constant(0) })),
    );

    // Each is the first attempt of another execution.
    expect(retried.failure?.error).toMatchObject({ message: 'attempt 1' });
    expect(retried.values).toHaveLength(3);
    expect(supervised.failure?.error).toMatchObject({ code: 'ERR_RXVISOR_RESTART_LIMIT' });
    expect(supervised.values).toHaveLength(2);
    expect(stage.events.filter(({ type }) => type === 'exit')).toHaveLength(5);
  });
});
