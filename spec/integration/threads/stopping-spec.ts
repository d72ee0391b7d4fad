import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { once } from 'node:events';
import { ignoreElements, take } from 'rxjs';
import { transfer } from 'rxvisor';
import {
  Shared,
  Stage,
  Workers,
  allOf,
  anyFixture,
  fixture,
  leaveStages,
  muffleStderr,
  outcomeOf,
  pause,
  until,
  realProcess,
} from './support.js';

interface Stops {
  whoami(): number;
  endless(shared: SharedArrayBuffer): Generator<number>;
  endlessAsync(shared: SharedArrayBuffer): AsyncGenerator<number>;
  endlessObservable(shared: SharedArrayBuffer): AsyncGenerator<number>;
  endlessReadable(shared: SharedArrayBuffer): ReadableStream<number>;
  tellsReason(port: MessagePort): Promise<void>;
  tellsReasonLate(port: MessagePort): Promise<void>;
  tearsDown(shared: SharedArrayBuffer): Promise<void>;
  tearsDownAfter(shared: SharedArrayBuffer): Generator<number>;
  throwsReason(): Promise<void>;
  throwsAbortError(): Promise<void>;
  throwsOther(): Promise<void>;
  throwsInTeardown(): Promise<void>;
  loops(shared: SharedArrayBuffer): void;
  loopsLater(shared: SharedArrayBuffer): Promise<void>;
  deaf(): Promise<void>;
  completedAndStuck(): void;
  failedAndStuck(): void;
  noisy(shared: SharedArrayBuffer): AsyncGenerator<number>;
}

const stops = fixture<Stops>('stops.mjs', { window: 8 });

/** In the shared memory of the fixture. */
const STOPPED = 1;
const ORDER = 2;

let workers: Workers;

beforeEach(() => {
  workers = new Workers();
  muffleStderr();
});

afterEach(async () => {
  await leaveStages();
  workers.stopWatching();
  jest.restoreAllMocks();
  expect(workers.alive.size).toBe(0);
});

describe('leaving early', () => {
  it.each(['endless', 'endlessAsync', 'endlessObservable', 'endlessReadable'] as const)(
    'should stop the producer (%s), and keep its thread for the next payload',
    async (name) => {
      const stage = new Stage({ threads: { size: 1 } });
      const { runner } = stage;
      const shared = new Shared();

      const [first] = await allOf(
        runner.execute(stops[name](shared.buffer), { name: 'endless' }).pipe(take(1)),
      );
      await stage.until('exit', 'endless');
      expect(shared.get(STOPPED)).toBe(1);
      expect(stage.told('endless')).toEqual(['start', 'stopping unsubscribe', 'exit stopped']);

      expect(await allOf(runner.execute(stops.whoami()))).toEqual([first]);
      expect(workers.started).toHaveLength(1);
    },
  );

  it('should leave a loop of iterate() in the same way, when the loop is left', async () => {
    const { runner } = new Stage({ threads: { size: 1 } });
    const shared = new Shared();
    const seen = [];

    for await (const value of runner.iterate(stops.endless(shared.buffer))) {
      seen.push(value);
      if (seen.length === 20) break;
    }

    expect(shared.get(STOPPED)).toBe(1);
    expect(await allOf(runner.execute(stops.whoami()))).toEqual([seen[0]]);
  });

  it('should run and await the teardowns in the thread, last in first out, before the next payload', async () => {
    const stage = new Stage({ threads: { size: 1 } });
    const { runner } = stage;
    const shared = new Shared();

    runner.execute(stops.tearsDownAfter(shared.buffer), { name: 'left' }).pipe(take(1)).subscribe();
    await stage.until('stopping', 'left');
    await allOf(runner.execute(stops.whoami(), { name: 'next' }));

    expect(shared.get(ORDER)).toBe(123);
    expect(stage.told('left')).toEqual(['start', 'stopping unsubscribe', 'exit stopped']);
  });
});

describe('context.signal in a thread', () => {
  it('should abort with the very reason when somebody unsubscribes', async () => {
    const stage = new Stage();
    const { port1, port2 } = new MessageChannel();
    const reason = once(port1, 'message');
    const held = stage.runner
      .execute(stops.tellsReason(transferred(port2)), { name: 'told' })
      .subscribe();
    await stage.until('ready', 'told');

    held.unsubscribe();

    expect(await reason).toEqual([{ type: 'unsubscribe' }]);
    await stage.until('exit', 'told');
    expect(stage.told('told')).toEqual([
      ...['start', 'ready', 'stopping unsubscribe'],
      'exit stopped',
    ]);
    port1.close();
  });

  it('should abort with the reason that is told in the events when a task is stopped', async () => {
    const stage = new Stage();
    const { port1, port2 } = new MessageChannel();
    const reason = once(port1, 'message');
    const task$ = stage.runner.adopt(stops.tellsReason(transferred(port2)), { name: 'told' });
    await stage.until('ready', 'told');

    await task$.stop('enough');

    const [stopping] = stage.ofType('stopping', 'told');
    expect(stopping!.reason).toEqual({ type: 'stop', message: 'enough' });
    expect(await reason).toEqual([stopping!.reason]);
    expect(stage.told('told')).toEqual(['start', 'ready', 'stopping stop', 'exit stopped']);
    port1.close();
  });

  it('should abort with the shutdown as its reason', async () => {
    const stage = new Stage();
    const { port1, port2 } = new MessageChannel();
    const reason = once(port1, 'message');
    stage.runner.adopt(stops.tellsReason(transferred(port2)), { name: 'told' });
    await stage.until('ready', 'told');

    const report = await stage.shutdown();

    expect(await reason).toEqual([{ type: 'shutdown' }]);
    expect(report.failures).toEqual([]);
    port1.close();
  });

  it('should be aborted already when it is read after the stop', async () => {
    const stage = new Stage();
    const { port1, port2 } = new MessageChannel();
    const told = once(port1, 'message');
    const task$ = stage.runner.adopt(stops.tellsReasonLate(transferred(port2)), { name: 'late' });
    await stage.until('ready', 'late');

    await task$.stop();

    expect(await told).toEqual([[true, { type: 'stop' }]]);
    port1.close();
  });

  it('should let the teardowns be awaited, last in first out, before the exit is told', async () => {
    const stage = new Stage();
    const shared = new Shared();
    const task$ = stage.runner.adopt(stops.tearsDown(shared.buffer), { name: 'torn' });
    await stage.until('ready', 'torn');

    await task$.stop();

    expect(shared.get(ORDER)).toBe(123);
    expect(stage.told('torn')).toEqual(['start', 'ready', 'stopping stop', 'exit stopped']);
  });
});

describe('an error while stopping', () => {
  it.each(['throwsReason', 'throwsAbortError'] as const)(
    'should be the ordinary end when it is what everybody throws then (%s)',
    async (name) => {
      const stage = new Stage();
      const task$ = stage.runner.adopt(stops[name](), { name: 'asked' });
      await stage.until('ready', 'asked');
      await task$.stop();

      expect(stage.told('asked')).toEqual(['start', 'ready', 'stopping stop', 'exit stopped']);
      const report = await stage.shutdown();
      expect(report).toMatchObject({ failures: [], tolerated: [] });
    },
  );

  it('should be a failure in the report when it is another one', async () => {
    const stage = new Stage();
    const task$ = stage.runner.adopt(stops.throwsOther(), { name: 'asked' });
    await stage.until('ready', 'asked');
    await task$.stop();

    expect(stage.told('asked')).toEqual([
      ...['start', 'ready', 'stopping stop'],
      ...['crash', 'exit stopped'],
    ]);
    const report = await stage.shutdown();
    expect(report.failures).toMatchObject([
      { task: 'asked', error: { message: 'could not close', code: 'E_CLOSE' } },
    ]);
    expect(await stage.end).toMatchObject({ code: 'ERR_RXVISOR_RUNNER_FAILED' });
  });

  it('should be a failure in the report when a teardown throws it', async () => {
    const stage = new Stage();
    const task$ = stage.runner.adopt(stops.throwsInTeardown(), { name: 'asked' });
    await stage.until('ready', 'asked');
    await task$.stop();

    const report = await stage.shutdown();
    expect(report.failures).toMatchObject([
      { task: 'asked', error: { message: 'could not tear down' } },
    ]);
  });
});

describe('an infinite loop', () => {
  it('should be told overdue after the grace, and be over with its thread', async () => {
    const stage = new Stage();
    const { runner } = stage;
    const [shared, other] = [new Shared(), new Shared()];
    runner.adopt(stops.noisy(other.buffer), { name: 'other' }).pipe(ignoreElements()).subscribe();
    const task$ = runner.adopt(stops.loops(shared.buffer), { name: 'loop', grace: 100 });
    await until(() => shared.get(STOPPED) === 1);

    const begun = Date.now();
    await task$.stop();

    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(Date.now() - begun).toBeGreaterThan(80);
    expect(stage.told('loop')).toEqual(['start', 'stopping stop', 'overdue', 'exit stopped']);
    expect(workers.alive).not.toContain(workers.of(shared.get(ORDER)));
    expect(stage.told('other')).toEqual(['start']);
    expect(runner.state).toBe('running');
    await stage.shutdown();
    expect(await stage.end).toMatchObject({
      failures: [{ task: 'loop', error: { code: 'ERR_RXVISOR_OVERDUE', grace: 100 } }],
    });
    expect(other.get(STOPPED)).toBe(1);
  });

  it('should cost an execution its thread, and nobody else anything', async () => {
    const stage = new Stage({ threads: { size: 1 }, grace: 100 });
    const { runner } = stage;
    const shared = new Shared();
    const held = runner.execute(stops.loops(shared.buffer), { name: 'loop' }).subscribe();
    const next = allOf(runner.execute(stops.whoami()));
    await until(() => shared.get(STOPPED) === 1);

    held.unsubscribe();

    expect(await next).not.toEqual([shared.get(ORDER)]);
    expect(stage.told('loop')).toEqual([
      ...['start', 'stopping unsubscribe'],
      ...['overdue', 'exit stopped'],
    ]);
    expect(workers.started).toHaveLength(2);
  });

  it('should be restarted by hand on a new thread', async () => {
    const stage = new Stage();
    const shared = new Shared();
    const task$ = stage.runner.adopt(stops.loopsLater(shared.buffer), { name: 'loop', grace: 100 });
    await until(() => shared.get(STOPPED) === 1);
    const first = shared.get(ORDER);

    stage.runner.restart('loop');
    await until(() => shared.get(STOPPED) === 2);

    expect(shared.get(ORDER)).not.toBe(first);
    expect(workers.alive.size).toBe(1);
    expect(stage.told('loop')).toEqual([
      ...['start', 'ready', 'stopping restart', 'overdue', 'restart manual'],
      ...['start', 'ready'],
    ]);
    await task$.stop();
    expect(stage.told('loop').slice(7)).toEqual(['stopping stop', 'overdue', 'exit stopped']);
  });

  it('should not keep a shutdown longer than its timeout, and leave nothing alive', async () => {
    const stage = new Stage({ shutdownTimeout: 200 });
    const shared = [new Shared(), new Shared()] as const;
    stage.runner.adopt(stops.loops(shared[0].buffer), { name: 'adopted' });
    const executed = outcomeOf(
      stage.runner.execute(stops.loops(shared[1].buffer), { name: 'executed' }),
    );
    await until(() => shared.every((each) => each.get(STOPPED) === 1));

    const begun = Date.now();
    const report = await stage.shutdown();

    expect(Date.now() - begun).toBeLessThan(6_000);
    expect(stage.told('adopted')).toEqual([
      'start',
      'stopping shutdown',
      'overdue',
      'exit stopped',
    ]);
    expect(report.failures).toContainEqual({
      task: 'adopted',
      error: expect.objectContaining({ code: 'ERR_RXVISOR_OVERDUE' }),
    });
    expect((await executed).failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CANCELLED' });
    expect(workers.alive.size).toBe(0);
    expect(stage.events.at(-1)?.type).toBe('down');
    expect(realProcess.getActiveResourcesInfo().filter(isOfThreads)).toEqual([]);
  });
});

describe('a payload that takes no notice', () => {
  it('should be terminated after its grace', async () => {
    const stage = new Stage();
    const task$ = stage.runner.adopt(stops.deaf(), { name: 'deaf', grace: 50 });
    await stage.until('ready', 'deaf');

    await task$.stop();

    expect(workers.alive.size).toBe(0);
    expect(stage.told('deaf')).toEqual([
      ...['start', 'ready', 'stopping stop'],
      ...['overdue', 'exit stopped'],
    ]);
  });
});

describe('a subscriber that stops the task as it takes a value', () => {
  it('should not come in between that value and the others who take it', async () => {
    const stage = new Stage();
    const streams = anyFixture('streams.mjs');
    const task$ = stage.runner.adopt(streams.generator!(200), { name: 'stream' });
    const [mine, others]: [unknown[], unknown[]] = [[], []];
    let depth = 0;
    let deepest = 0;
    task$.subscribe((value) => {
      deepest = Math.max(deepest, ++depth);
      mine.push(value);
      if (value === 30) void task$.stop();
      depth--;
    });
    task$.subscribe((value) => others.push(value));
    await stage.until('exit', 'stream');

    expect(deepest).toBe(1);
    expect(mine.slice(0, 31)).toEqual(Array.from({ length: 31 }, (_, n) => n));
    expect(mine).toEqual([...mine].sort((a, b) => (a as number) - (b as number)));
    expect(others).toEqual(mine);
    expect(stage.told('stream')).toEqual(['start', 'stopping stop', 'exit stopped']);
  });
});

describe('a teardown that never ends', () => {
  it.each([
    ['completedAndStuck', 'exit completed', []],
    ['failedAndStuck', 'exit failed', ['crash']],
  ] as const)('should be ended with its thread after the grace (%s)', async (name, exit, crash) => {
    const stage = new Stage({ grace: 100 });
    const task$ = stage.runner.adopt(stops[name](), { name: 'stuck', errors: 'deliver' });
    const begun = Date.now();
    const { failure } = await outcomeOf(task$);

    expect(Date.now() - begun).toBeLessThan(6_000);
    expect(stage.told('stuck')).toEqual(['start', ...crash, 'overdue', exit]);
    if (name === 'failedAndStuck') expect(failure?.error).toMatchObject({ message: 'failed' });
    await workers.until(({ alive }) => alive.size === 0);
    const report = await stage.shutdown();
    expect(report.failures).toMatchObject([{ error: { code: 'ERR_RXVISOR_OVERDUE' } }]);
  });
});

describe('a restart by hand', () => {
  it('should stop the attempt, and begin another one on the same thread', async () => {
    const stage = new Stage();
    const shared = new Shared();
    const task$ = stage.runner.adopt(stops.tearsDown(shared.buffer), { name: 'again' });
    await stage.until('ready', 'again');

    stage.runner.restart('again');
    await stage.until('ready', 'again', 2);

    expect(shared.get(ORDER)).toBe(123);
    expect(stage.told('again')).toEqual([
      ...['start', 'ready', 'stopping restart', 'restart manual'],
      ...['start', 'ready'],
    ]);
    expect(workers.started).toHaveLength(1);
    await task$.stop();
  });
});

describe('stopping before it has begun', () => {
  it('should take an execution that waits for a thread out of the queue', async () => {
    const stage = new Stage({ threads: { size: 1 } });
    const { runner } = stage;
    const shared = Array.from({ length: 6 }, () => new Shared());
    const busy = runner.execute(stops.noisy(shared[0]!.buffer), { name: 'busy' }).subscribe();
    const waiting = shared
      .slice(1)
      .map(({ buffer }, n) =>
        runner.execute(stops.loops(buffer), { name: `waiting-${n}` }).subscribe(),
      );
    await stage.until('start', 'busy');
    await pause(50);

    for (const each of waiting) each.unsubscribe();
    busy.unsubscribe();

    expect(await allOf(runner.execute(stops.whoami()))).toEqual([workers.started[0]!.threadId]);
    expect(shared.slice(1).map((each) => each.get(STOPPED))).toEqual([0, 0, 0, 0, 0]);
    for (const n of shared.slice(1).keys()) {
      expect(stage.told(`waiting-${n}`).at(-1)).toBe('exit stopped');
      expect(stage.told(`waiting-${n}`)).not.toContain('overdue');
    }
  });

  it('should run nothing when the thread had not started', async () => {
    const stage = new Stage({ threads: { size: 1 } });
    const shared = new Shared();
    const started = workers.until((all) => all.started.length === 1);
    const held = stage.runner.execute(stops.loops(shared.buffer), { name: 'early' }).subscribe();
    await started;

    held.unsubscribe();
    await stage.until('exit', 'early');

    expect(stage.told('early')).toEqual(['start', 'stopping unsubscribe', 'exit stopped']);
    expect(await allOf(stage.runner.execute(stops.whoami()))).toHaveLength(1);
    expect(shared.get(STOPPED)).toBe(0);
    expect(workers.started).toHaveLength(1);
  });

  it('should run nothing when its module was still being loaded', async () => {
    const stage = new Stage({ threads: { size: 1 } });
    const shared = new Shared();
    const slow = anyFixture('slow-and-noted.mjs');
    // Loaded meanwhile: the thread has begun with it.
    const held = stage.runner.execute(slow.run!(shared.buffer), { name: 'early' }).subscribe();
    await workers.until((all) => all.started.length === 1);
    await once(workers.started[0]!, 'online');
    await pause(150);

    held.unsubscribe();
    await stage.until('exit', 'early');

    expect(stage.told('early')).toEqual(['start', 'stopping unsubscribe', 'exit stopped']);
    expect(shared.get(STOPPED)).toBe(0);
    expect(await allOf(stage.runner.execute(slow.run!(shared.buffer)))).toEqual(['run']);
    expect(workers.started).toHaveLength(1);
  });

  it('should shut down while a thread is starting', async () => {
    const stage = new Stage();
    const shared = new Shared();
    stage.runner.adopt(stops.tearsDown(shared.buffer), { name: 'adopted' });
    const executed = outcomeOf(stage.runner.execute(stops.noisy(shared.buffer)));
    await workers.until((all) => all.started.length > 0);

    const report = await stage.shutdown();

    expect(report).toMatchObject({ failures: [], stragglers: [], counts: { stopped: 2 } });
    expect((await executed).failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CANCELLED' });
    expect(workers.alive.size).toBe(0);
  });

  it('should shut down before anything of threads has been loaded', async () => {
    const stage = new Stage();
    const executed = outcomeOf(stage.runner.execute(stops.noisy(new Shared().buffer)));
    stage.runner.adopt(stops.deaf(), { name: 'adopted' });

    const report = await stage.shutdown();

    expect(report).toMatchObject({ failures: [], stragglers: [] });
    expect((await executed).failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CANCELLED' });
    expect(workers.started).toHaveLength(0);
  });
});

describe('stopping while a value is on its way', () => {
  it('should deliver nothing to who has unsubscribed, and end in the ordinary way', async () => {
    const stage = new Stage({ threads: { size: 1 } });
    for (let round = 0; round < 20; round++) {
      const shared = new Shared();
      const name = `round-${round}`;
      let after = 0;
      let left = false;
      const held = stage.runner
        .execute(stops.noisy(shared.buffer), { name })
        .subscribe(() => (after += left ? 1 : 0));
      await stage.until('start', name);
      await pause(round % 7);
      held.unsubscribe();
      left = true;
      await stage.until('exit', name);
      expect(after).toBe(0);
      expect(stage.told(name)).toEqual(['start', 'stopping unsubscribe', 'exit stopped']);
    }
    expect(workers.started).toHaveLength(1);
  });

  it('should hand over to the subscribers of an adopted task what it emits while it stops', async () => {
    const stage = new Stage();
    const shared = new Shared();
    const task$ = stage.runner.adopt(stops.noisy(shared.buffer), { name: 'noisy' });
    const seen: number[] = [];
    task$.subscribe((n) => seen.push(n));
    await until(() => seen.length > 5);

    await task$.stop();

    expect(seen).toEqual(seen.map((_, n) => n));
    expect(stage.told('noisy')).toEqual(['start', 'stopping stop', 'exit stopped']);
    expect((await stage.shutdown()).failures).toEqual([]);
  });
});

const isOfThreads = (resource: string) => /port|worker/i.test(resource);

/** A port is moved, for it can't be copied. */
const transferred = (port: MessagePort) => transfer(port, [port]) as never as MessagePort;
