import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { once } from 'node:events';
import { constant, transfer } from 'rxvisor';
import {
  Shared,
  Stage,
  Workers,
  allOf,
  anyFixture,
  leaveStages,
  muffleStderr,
  outcomeOf,
  pause,
} from './support.js';

const contexts = anyFixture('contexts.mjs');

/** In the shared memory of the fixture. */
const CHILD = 1;
const TORN = 2;

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

const move = (port: MessagePort) => transfer(port, [port]);
const runs = (payload: ReturnType<NonNullable<(typeof contexts)[string]>>, name?: string) =>
  allOf(stage.runner.execute(payload, name === undefined ? {} : { name }));

describe('the context in a thread', () => {
  it('should come after the arguments, and know the name and the attempt', async () => {
    expect(await runs(contexts.describe!(1, undefined), 'web/poller')).toEqual([
      [1, undefined, 'web/poller', 1, expect.any(Array)],
    ]);
    expect(await runs(contexts.countArguments!())).toEqual([1]);
    expect(await runs(contexts.countArguments!(1, 2, 3))).toEqual([4]);
  });

  it('should be called after the export unless told otherwise', async () => {
    await Promise.all([runs(contexts.countArguments!()), runs(contexts.countArguments!())]);
    expect(stage.told('countArguments')).toEqual(['start', 'exit completed']);
    expect(stage.told('countArguments#2')).toEqual(['start', 'exit completed']);
  });

  it('should count the attempts', async () => {
    const { values } = await outcomeOf(
      stage.runner.adopt(contexts.attempts!(), {
        name: 'counted',
        restart: 'on-failure',
        backoff: constant(0),
      }),
    );

    expect(values).toEqual([3]);
    expect(stage.ofType('crash', 'counted')).toMatchObject([
      { attempt: 1, error: { message: 'attempt 1 of counted' } },
      { attempt: 2, error: { message: 'attempt 2 of counted' } },
    ]);
  });

  it('should let members be taken out of it', async () => {
    expect(await runs(contexts.takenApart!(), 'apart')).toEqual([['apart', 1, false]]);
  });

  it('should say ready once, when the payload does', async () => {
    const shared = new Shared();
    const task$ = stage.runner.adopt(contexts.readyLater!(shared.buffer), {
      name: 'up',
      awaitReady: true,
    });
    const result = outcomeOf(task$);
    await stage.until('start', 'up');
    await pause(100);
    expect(stage.runner.tasks()).toMatchObject([{ name: 'up', ready: false }]);

    shared.set(1);
    await stage.until('ready', 'up');
    expect(stage.runner.tasks()).toMatchObject([{ name: 'up', ready: true }]);
    await result;
    expect(stage.told('up')).toEqual(['start', 'ready', 'exit completed']);
  });

  it('should refuse what is refused on the main thread', async () => {
    expect(await runs(contexts.mistakes!())).toEqual([
      ['ERR_RXVISOR_INVALID_OPTION', 'ERR_RXVISOR_INVALID_PAYLOAD', 'ERR_RXVISOR_INVALID_OPTION'],
    ]);
  });

  it('should run the teardowns last in first out, a failing one skipping no other', async () => {
    const shared = new Shared();
    const { values, failure } = await outcomeOf(
      stage.runner.execute(contexts.tearsDownInOrder!(shared.buffer), { name: 'torn' }),
    );

    expect(values).toEqual(['done']);
    expect(failure?.error).toMatchObject({ message: 'teardown 2' });
    expect(shared.get(1)).toBe(123);
    expect(stage.told('torn')).toEqual(['start', 'crash', 'exit failed']);
  });
});

describe('what a payload executes in its thread', () => {
  it('should run there, under its name', async () => {
    const [values] = await runs(contexts.executesClosure!(3), 'outer');
    const [threadId, name, ...numbers] = values as unknown[];

    expect(threadId).toBe(workers.started[0]!.threadId);
    expect(name).toMatch(/^outer\//);
    expect(numbers).toEqual([0, 1, 2]);
  });

  it('should take arguments, and give its error to who executes it', async () => {
    expect(await runs(contexts.executesArguments!())).toEqual([[1, 2, 3]]);
    expect(await runs(contexts.executesFailure!())).toEqual([['RangeError', 'child']]);
  });
});

describe('what a payload adopts in its thread', () => {
  it('should end with the attempt, teardown included', async () => {
    const shared = new Shared();
    expect(await runs(contexts.adoptsForItself!(shared.buffer), 'outer')).toEqual(['done']);

    expect(shared.get(CHILD)).toBe(1);
    expect(shared.get(TORN)).toBe(1);
    expect(stage.told('outer')).toEqual(['start', 'ready', 'exit completed']);
  });

  it('should stop with its parent, for the reason that the parent stops', async () => {
    const { port1, port2 } = new MessageChannel();
    const said: unknown[] = [];
    port1.on('message', (message) => said.push(message));
    const payload = contexts.adoptsUntilStopped!(move(port2));
    const task$ = stage.runner.adopt(payload, { name: 'outer' });
    await stage.until('ready', 'outer');

    await task$.stop('enough');
    while (said.length < 2) await once(port1, 'message');

    const cause = { type: 'stop', message: 'enough' };
    expect(said).toContainEqual(['outer/child', { type: 'parent', cause }, expect.any(Boolean)]);
    expect(said).toContain('parent');
    expect(stage.told('outer')).toEqual(['start', 'ready', 'stopping stop', 'exit stopped']);
    port1.close();
  });

  it('should fail the attempt when it fails for good', async () => {
    const { failure } = await outcomeOf(
      stage.runner.execute(contexts.adoptsFailing!(), { name: 'outer' }),
    );

    expect(failure?.error).toMatchObject({ name: 'RangeError', message: 'child' });
    expect(stage.told('outer')).toEqual(['start', 'crash', 'exit failed']);
  });

  it('should fail the attempt when its value is orphaned', async () => {
    const { failure } = await outcomeOf(stage.runner.execute(contexts.adoptsOrphaning!()));

    expect(failure?.error).toMatchObject({
      code: 'ERR_RXVISOR_ORPHANED_VALUE',
      task: 'adoptsOrphaning/child',
      value: 1,
    });
  });

  it.each([
    ['throw', 'child stopped badly'],
    ['teardown', 'child tore down badly'],
  ])(
    'should have its failure while it is stopped told in the report (%s)',
    async (how, message) => {
      stage.runner.adopt(contexts.adoptsFailingAtTheEnd!(how), { name: 'outer' });
      await stage.until('ready', 'outer');
      const report = await stage.shutdown();

      const all = [...report.failures, ...report.tolerated];
      expect(all).toMatchObject([{ error: { message } }]);
      expect(report.failures).toHaveLength(1);
    },
  );

  it('should be restarted as it asks for', async () => {
    const shared = new Shared();
    expect(await runs(contexts.adoptsRestarting!(shared.buffer))).toEqual(['done']);
    expect(shared.get(CHILD)).toBe(3);
  });

  it('should be refused when the attempt is ending', async () => {
    const { failure } = await outcomeOf(stage.runner.execute(contexts.adoptsTooLate!()));

    expect(failure?.error).toMatchObject({ code: 'ERR_RXVISOR_RUNNER_STATE' });
  });

  it('should leave the thread as it was', async () => {
    await runs(contexts.adoptsForItself!(new Shared().buffer));
    await outcomeOf(stage.runner.execute(contexts.adoptsFailing!()));

    expect(await runs(contexts.countArguments!())).toEqual([1]);
    expect(workers.started).toHaveLength(1);
  });
});

describe('a signal that is never read', () => {
  it('should cost the payload nothing, and be there when it is read late', async () => {
    const { port1, port2 } = new MessageChannel();
    const stops = anyFixture('stops.mjs');
    const told = once(port1, 'message');
    const held = stage.runner
      .execute(stops.tellsReasonLate!(move(port2)), { name: 'late' })
      .subscribe();
    await stage.until('ready', 'late');
    held.unsubscribe();

    expect(await told).toEqual([[true, { type: 'unsubscribe' }]]);
    port1.close();
  });
});
