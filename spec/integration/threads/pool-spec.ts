import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  NEVER,
  type Observable,
  type SchedulerAction,
  asyncScheduler,
  of,
  subscribeOn,
} from 'rxjs';
import { Runner, ThreadScheduler, constant, defineFlavour } from 'rxvisor';
import {
  Shared,
  Stage,
  Workers,
  allOf,
  fixture,
  firstValue,
  leaveStages,
  outcomeOf,
  pause,
  realProcess,
  until,
} from './support.js';

interface Pool {
  whoami(): number;
  block(shared: SharedArrayBuffer): number;
  meet(shared: SharedArrayBuffer): number;
  meetAsync(shared: SharedArrayBuffer, ms: number): Promise<number>;
  sleep(ms: number): Promise<number>;
  stay(): Observable<number>;
  throwsTwice(): AsyncGenerator<number>;
  exitsTwice(): AsyncGenerator<number>;
  blocksAfterwards(ms: number): number;
  exitsOrNot(exits: boolean): number;
  exitsLater(ms: number): Promise<void>;
  environment(name: string): string;
  args(): string[];
  countTicks(): number;
}

const pool = fixture<Pool>('pool.mjs');
const times = <T>(n: number, make: (n: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));

/** In the shared memory of the fixture. */
const GO = 0;
const CAME = 1;

let workers: Workers;

beforeEach(() => {
  workers = new Workers();
});

afterEach(async () => {
  await leaveStages();
  workers.stopWatching();
  expect(workers.alive.size).toBe(0);
});

describe('no thread', () => {
  it('should be started before there is a threaded payload to run', async () => {
    const { runner } = new Stage({ threads: { size: 4 } });
    const scheduler = new ThreadScheduler();
    runner.adopt(() => NEVER, { name: 'main' });
    runner.execute(pool.whoami());
    await allOf(runner.execute(() => 1));
    new Runner({ threads: {} }).adopt(pool.whoami());
    await pause(20);

    expect(workers.started).toHaveLength(0);
    expect(scheduler.threads).toBe(0);

    await allOf(runner.execute(pool.whoami()));
    expect(workers.started).toHaveLength(1);
  });

  it('should be alive after a shutdown, whatever it was doing', async () => {
    const stage = new Stage({ threads: { size: 2 }, grace: 100 });
    const { runner } = stage;
    await allOf(runner.execute(pool.whoami()));
    const { held } = await firstValue(runner.adopt(pool.stay()));
    const executed = times(20, () => outcomeOf(runner.execute(pool.sleep(100_000))));
    const started = workers.until((all) => all.started.length === 3);
    await started;

    await stage.shutdown();

    expect(workers.alive.size).toBe(0);
    for (const { failure } of await Promise.all(executed)) {
      expect(failure?.error).toMatchObject({ code: 'ERR_RXVISOR_CANCELLED' });
    }
    held.unsubscribe();
  });

  it('should be alive after a shutdown when all of them had nothing to do', async () => {
    const stage = new Stage({ threads: { size: 2 } });
    const { buffer } = new Shared();
    await Promise.all(times(2, () => allOf(stage.runner.execute(pool.meet(buffer)))));
    expect(workers.alive.size).toBe(2);

    await stage.shutdown();

    expect(workers.alive.size).toBe(0);
  });
});

describe('the pool', () => {
  it('should never have more threads than its size, and use them all', async () => {
    const { runner } = new Stage({ threads: { size: 2 } });
    let most = 0;
    const watching = workers.until(({ alive }) => {
      most = Math.max(most, alive.size);
      return alive.size === 0 && most > 0;
    });
    const ids = await Promise.all(times(20, () => allOf(runner.execute(pool.sleep(5)))));

    expect(new Set(ids.flat()).size).toBe(2);
    expect(workers.started).toHaveLength(2);
    await leaveStages();
    await watching;
    expect(most).toBe(2);
  });

  it('should lose none of very many that wait for one thread, nor their order', async () => {
    const { runner } = new Stage({ threads: { size: 1 } });
    const ended: number[] = [];
    await Promise.all(
      times(5_000, (n) => allOf(runner.execute(pool.whoami())).then(() => ended.push(n))),
    );

    expect(ended).toEqual(times(5_000, (n) => n));
    expect(runner.tasks()).toEqual([]);
  });

  it('should run payloads in parallel on different threads', async () => {
    const { runner } = new Stage({ threads: { size: 2 } });
    const { buffer } = new Shared();
    const [one, other] = await Promise.all(
      times(2, () => allOf(runner.execute(pool.meet(buffer)))),
    );

    expect([...one!, ...other!]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(one).not.toEqual(other);
  });

  it('should run one after another on one thread', async () => {
    const { runner } = new Stage({ threads: { size: 1 } });
    const { buffer } = new Shared();
    const first = allOf(runner.execute(pool.meetAsync(buffer, 100)));
    const second = allOf(runner.execute(pool.meetAsync(buffer, 100)));

    expect(await first).toEqual(['nobody came']);
    expect(await second).toEqual([expect.any(Number)]);
  });

  it('should run as many on one thread as option overlap says', async () => {
    const { runner } = new Stage({ threads: { size: 1, overlap: 2 } });
    const { buffer } = new Shared();
    const both = await Promise.all(
      times(2, () => allOf(runner.execute(pool.meetAsync(buffer, 5_000)))),
    );

    expect(both.flat()).toEqual(times(2, () => workers.started[0]!.threadId));
  });

  it('should not let a long payload hold up others while another thread is free', async () => {
    const { runner } = new Stage({ threads: { size: 2 } });
    const shared = new Shared();
    const long = outcomeOf(runner.execute(pool.block(shared.buffer)));
    const short = await Promise.all(times(10, () => allOf(runner.execute(pool.whoami()))));

    // It's still at it, or has not even begun.
    expect(short.flat()).toHaveLength(10);
    shared.set(1, GO);
    expect((await long).failure).toBeUndefined();
  });

  it('should not let a long payload hold up others that came while both threads were busy', async () => {
    const { runner } = new Stage({ threads: { size: 2 } });
    const shared = new Shared();
    const brief = outcomeOf(runner.execute(pool.sleep(50)));
    const long = outcomeOf(runner.execute(pool.block(shared.buffer)));
    await until(() => shared.get(CAME) === 1);
    const short = await Promise.all(times(10, () => allOf(runner.execute(pool.whoami()))));

    expect(short.flat()).toEqual(times(10, () => short[0]![0]));
    expect((await brief).values).toEqual(short[0]);
    shared.set(1, GO);
    expect((await long).values).not.toEqual(short[0]);
  });

  it.each(['fails to load', 'maxRuns', 'dies'])(
    'should let nothing wait behind a payload that never ends when the other thread %s',
    async (how) => {
      const { runner } = new Stage({
        threads: { size: 2, ...(how === 'maxRuns' && { maxRuns: 1 }) },
      });
      const { held } = await firstValue(runner.execute(pool.stay()));
      const missing = fixture<Pool>('there-is-no-such-module.mjs');
      for (let round = 0; round < 3; round++) {
        const first = how === 'fails to load' ? missing.whoami() : pool.exitsOrNot(how === 'dies');
        // Asked for in the very moment in which the other one is over.
        const next = new Promise((resolve) => {
          const then = () => resolve(outcomeOf(runner.execute(pool.whoami())));
          runner.execute(first).subscribe({ error: then, complete: then });
        });

        expect(await next).toMatchObject({ values: [expect.any(Number)], failure: undefined });
      }
      held.unsubscribe();
    },
  );

  it('should let nothing wait behind a payload that never ends, also if it was put there', async () => {
    const { runner } = new Stage({ threads: { size: 2 } });
    const { held } = await firstValue(runner.execute(pool.stay()));
    const dying = outcomeOf(runner.execute(pool.exitsLater(50)));
    const next = await Promise.all(times(4, () => allOf(runner.execute(pool.whoami()))));

    expect(next.flat()).toEqual(times(4, () => workers.started[2]!.threadId));
    expect((await dying).failure?.error).toMatchObject({ reason: 'exit' });
    held.unsubscribe();
  });

  it('should let an idle thread go after idleTimeout, and start another one when there is need', async () => {
    const stage = new Stage({ threads: { size: 1, idleTimeout: 100 } });
    const [first] = await allOf(stage.runner.execute(pool.whoami()));
    const begun = Date.now();
    await workers.until(({ alive }) => alive.size === 0);

    expect(Date.now() - begun).toBeGreaterThan(50);
    expect(Date.now() - begun).toBeLessThan(6_000);
    const [second] = await allOf(stage.runner.execute(pool.whoami()));
    expect(second).not.toBe(first);
  });

  it('should keep a busy thread for however long that takes', async () => {
    const stage = new Stage({ threads: { size: 1, idleTimeout: 50 } });
    const [first] = await allOf(stage.runner.execute(pool.sleep(300)));
    const [second] = await allOf(stage.runner.execute(pool.whoami()));

    expect(second).toBe(first);
  });

  it.each(['one after another', 'at once'])(
    'should replace a thread after maxRuns payloads, %s',
    async (how) => {
      const { runner } = new Stage({ threads: { size: 1, maxRuns: 3 } });
      const ids: number[] = [];
      const run = async () => void ids.push(...(await allOf(runner.execute(pool.sleep(5)))));
      if (how === 'at once') await Promise.all(times(7, run));
      else for (let n = 0; n < 7; n++) await run();

      const perThread = workers.started.map(
        ({ threadId }) => ids.filter((id) => id === threadId).length,
      );
      expect(workers.started).toHaveLength(3);
      // An exited Worker has lost its id, so that's how those are counted which are still there.
      expect(new Set(ids).size).toBe(3);
      expect(perThread.at(-1)).toBe(1);
      for (const id of ids) expect(ids.filter((other) => other === id).length).toBeLessThan(4);
    },
  );

  it('should refuse one too many, and no others', async () => {
    const stage = new Stage({ threads: { size: 1, maxQueue: 2 } });
    const shared = new Shared();
    const accepted = times(3, () => outcomeOf(stage.runner.execute(pool.block(shared.buffer))));
    const refused = await outcomeOf(
      stage.runner.execute(pool.block(shared.buffer), { name: 'refused' }),
    );

    expect(refused.failure?.error).toMatchObject({
      name: 'QueueFullError',
      code: 'ERR_RXVISOR_QUEUE_FULL',
      maxQueue: 2,
    });
    expect(stage.told('refused')).toEqual(['start', 'crash', 'exit failed']);
    shared.set(1, GO);
    for (const { failure } of await Promise.all(accepted)) expect(failure).toBeUndefined();
    expect(await allOf(stage.runner.execute(pool.whoami()))).toHaveLength(1);
  });

  it('should refuse what would have to wait at all when maxQueue is 0', async () => {
    const stage = new Stage({ threads: { size: 1, maxQueue: 0 } });
    const shared = new Shared();
    await allOf(stage.runner.execute(pool.whoami()));
    const first = outcomeOf(stage.runner.execute(pool.block(shared.buffer)));
    await until(() => shared.get(CAME) === 1);
    const second = await outcomeOf(stage.runner.execute(pool.whoami()));

    expect(second.failure?.error).toMatchObject({ code: 'ERR_RXVISOR_QUEUE_FULL', maxQueue: 0 });
    shared.set(1, GO);
    expect((await first).failure).toBeUndefined();
    expect((await outcomeOf(stage.runner.execute(pool.whoami()))).failure).toBeUndefined();
  });

  it('should have room again for those that have been unsubscribed', async () => {
    const stage = new Stage({ threads: { size: 1, maxQueue: 1 } });
    const shared = new Shared();
    const first = outcomeOf(stage.runner.execute(pool.block(shared.buffer)));
    const left = stage.runner.execute(pool.whoami()).subscribe();
    await until(() => shared.get(CAME) === 1);
    left.unsubscribe();
    const next = outcomeOf(stage.runner.execute(pool.whoami()));
    shared.set(1, GO);

    expect((await first).failure).toBeUndefined();
    expect((await next).failure).toBeUndefined();
  });

  it('should give its threads the environment and the arguments that it was made with', async () => {
    const { runner } = new Stage({
      threads: { env: { COLOUR: 'green' }, execArgv: ['--no-warnings'] },
    });

    expect(await allOf(runner.execute(pool.environment('COLOUR')))).toEqual(['green']);
    expect(await allOf(runner.execute(pool.environment('PATH')))).toEqual(['none']);
    expect(await allOf(runner.execute(pool.args()))).toEqual([['--no-warnings']]);
  });
});

describe('an adopted task', () => {
  it('should own a thread beside the pool, and give it back with its life', async () => {
    const stage = new Stage({ threads: { size: 1 } });
    const { runner } = stage;
    const shared = new Shared();
    const busy = outcomeOf(runner.execute(pool.block(shared.buffer)));
    const tasks = times(3, (n) => runner.adopt(pool.stay(), { name: `task-${n}` }));
    const ids = await Promise.all(tasks.map((task$) => firstValue(task$)));

    expect(new Set(ids.map(({ value }) => value)).size).toBe(3);
    await until(() => shared.get(CAME) === 1);
    expect(workers.alive.size).toBe(4);

    await tasks[0]!.stop();
    await workers.until(({ alive }) => alive.size === 3);
    shared.set(1, GO);
    const { values } = await busy;
    expect(ids.map(({ value }) => value)).not.toContain(values[0]);
    for (const { held } of ids) held.unsubscribe();
  });

  it('should keep its thread over restarts after a throw', async () => {
    const stage = new Stage();
    const { values, failure } = await outcomeOf(
      stage.runner.adopt(pool.throwsTwice(), {
        name: 'throws',
        restart: 'on-failure',
        backoff: constant(0),
      }),
    );

    expect(failure).toBeUndefined();
    expect(values).toEqual(times(3, () => values[0]));
    expect(workers.started).toHaveLength(1);
    expect(stage.told('throws').at(-1)).toBe('exit completed');
  });

  it('should be given another thread when it has lost its own', async () => {
    const stage = new Stage();
    const { values, failure } = await outcomeOf(
      stage.runner.adopt(pool.exitsTwice(), { restart: 'on-failure', backoff: constant(0) }),
    );

    expect(failure).toBeUndefined();
    expect(new Set(values).size).toBe(3);
    expect(workers.started).toHaveLength(3);
  });

  it('should keep its thread while it waits for its restart, also longer than idleTimeout', async () => {
    const stage = new Stage({ threads: { idleTimeout: 20 } });
    const { values } = await outcomeOf(
      stage.runner.adopt(pool.throwsTwice(), { restart: 'on-failure', backoff: constant(80) }),
    );

    expect(values).toEqual(times(3, () => values[0]));
    expect(workers.started).toHaveLength(1);
  });
});

describe('a ThreadScheduler', () => {
  let scheduler: ThreadScheduler;

  beforeEach(() => {
    scheduler = new ThreadScheduler({ size: 1 });
  });

  afterEach(async () => {
    await scheduler.close();
    expect(scheduler.threads).toBe(0);
  });

  it('should be a scheduler for any Observable', async () => {
    let inside = true;
    const result = outcomeOf(of(1, 2).pipe(subscribeOn(scheduler)), () =>
      expect(inside).toBe(false),
    );
    inside = false;

    expect((await result).values).toEqual([1, 2]);
  });

  it('should hand over the state, after the delay, on the clock of RxJS', async () => {
    const begun = scheduler.now();
    expect(Math.abs(begun - asyncScheduler.now())).toBeLessThan(1_000);

    const state = await new Promise((resolve) => {
      scheduler.schedule((given: string | undefined) => resolve(given), 50, 'state');
    });

    expect(state).toBe('state');
    expect(scheduler.now() - begun).toBeGreaterThanOrEqual(45);
  });

  it('should let work schedule itself again', async () => {
    const seen: (number | undefined)[] = [];
    await new Promise<void>((resolve) => {
      scheduler.schedule<number>(
        function (this: SchedulerAction<number>, n = 0) {
          seen.push(n);
          if (n < 3) this.schedule(n + 1, n);
          else resolve();
        },
        0,
        0,
      );
    });

    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it.each([0, 30])('should not run what was taken back (delay %d)', async (delay) => {
    let hasRun = false;
    const subscription = scheduler.schedule(() => (hasRun = true), delay);
    subscription.unsubscribe();
    await new Promise<void>((resolve) => void scheduler.schedule(() => resolve(), delay + 10));

    expect(hasRun).toBe(false);
  });

  it('should admit work when a thread is free, and not before', async () => {
    const { runner } = new Stage({ threads: scheduler });
    const shared = new Shared();
    const order: string[] = [];
    const busy = outcomeOf(runner.execute(pool.block(shared.buffer))).then(() =>
      order.push('free'),
    );
    await until(() => shared.get(CAME) === 1);
    const admitted = new Promise<void>((resolve) => {
      scheduler.schedule(() => {
        order.push('admitted');
        resolve();
      });
    });
    await pause(50);
    expect(order).toEqual([]);
    shared.set(1, GO);

    await Promise.all([busy, admitted]);
    expect(order.sort()).toEqual(['admitted', 'free']);
  });

  it('should go on when one of its works throws', async () => {
    const { runner } = new Stage({ threads: scheduler });
    const result = outcomeOf(
      runner.execute(
        () => {
          throw new Error('work');
        },
        { name: 'main' },
      ),
    );

    expect((await result).failure?.error).toMatchObject({ message: 'work' });
    expect(await allOf(runner.execute(pool.whoami()))).toHaveLength(1);
  });

  it('should be shared by runners, none of which closes it', async () => {
    const [one, other] = [new Stage({ threads: scheduler }), new Stage({ threads: scheduler })];
    const [first] = await allOf(one.runner.execute(pool.whoami()));
    expect(scheduler.threads).toBe(1);
    await one.shutdown();

    expect(scheduler.threads).toBe(1);
    expect(await allOf(other.runner.execute(pool.whoami()))).toEqual([first]);
    await other.shutdown();
    expect(scheduler.threads).toBe(1);
    expect(workers.started).toHaveLength(1);
  });

  it('should take the threads of adopted tasks back when their runner stops', async () => {
    const stage = new Stage({ threads: scheduler });
    const { held } = await firstValue(stage.runner.adopt(pool.stay()));
    expect(scheduler.threads).toBe(1);
    await stage.shutdown();

    expect(scheduler.threads).toBe(0);
    expect(workers.alive.size).toBe(0);
    held.unsubscribe();
  });

  it('should be a flavour of its own name', async () => {
    const stage = new Stage();
    const crunch = defineFlavour('crunch', scheduler);
    const [id] = await allOf(
      stage.runner.execute(pool.whoami(), { name: 'executed', flavour: crunch }),
    );
    await outcomeOf(stage.runner.adopt(pool.whoami(), { name: 'adopted', flavour: crunch }));

    expect(stage.ofType('start', 'executed')).toMatchObject([{ flavour: 'crunch' }]);
    expect(stage.ofType('exit', 'adopted')).toMatchObject([{ flavour: 'crunch' }]);
    expect(id).toBe(workers.started[0]!.threadId);
    await stage.shutdown();
    expect(scheduler.threads).toBe(1);
  });

  it('should be closed while the next attempt of a task waits for its own thread', async () => {
    const stage = new Stage({ threads: scheduler, grace: 100 });
    const uncaught = jest.fn();
    realProcess.on('uncaughtException', uncaught);
    const task$ = stage.runner.adopt(pool.blocksAfterwards(1_500), {
      name: 'task',
      restart: 'always',
      backoff: constant(0),
      errors: 'deliver',
    });
    const ended = outcomeOf(task$);
    await stage.until('start', 'task', 2);
    await scheduler.close();
    await stage.shutdown();
    await ended;
    realProcess.off('uncaughtException', uncaught);

    expect(uncaught).not.toHaveBeenCalled();
    expect(stage.told('task').at(-1)).toMatch(/^exit/);
  });

  it('should fail what still runs on it when it is closed', async () => {
    const stage = new Stage({ threads: scheduler });
    const running = outcomeOf(stage.runner.execute(pool.sleep(100_000), { name: 'running' }));
    await stage.until('start', 'running');
    await until(() => scheduler.threads === 1);
    await scheduler.close();

    expect((await running).failure).toBeDefined();
    expect(stage.told('running')).toEqual(['start', 'crash', 'exit failed']);
    expect(workers.alive.size).toBe(0);
  });
});

describe('the events', () => {
  it("should say 'thread' of a threaded payload that says nothing itself", async () => {
    const stage = new Stage();
    await allOf(stage.runner.execute(pool.whoami()));
    await allOf(stage.runner.execute(pool.whoami(), { flavour: 'thread', name: 'said' }));

    expect(stage.ofType('start', 'whoami')).toMatchObject([
      { flavour: 'thread', attempt: 1, origin: 'execute' },
    ]);
    expect(stage.ofType('start', 'said')).toMatchObject([{ flavour: 'thread' }]);
  });
});

describe('what cannot be', () => {
  const refusals: [
    what: string,
    code: string,
    words: RegExp,
    attempt: (runner: Runner) => unknown,
  ][] = [
    [
      'a closure with flavour thread',
      'ERR_RXVISOR_INVALID_PAYLOAD',
      /threaded</,
      (runner) => runner.adopt(() => 1, { flavour: 'thread' }),
    ],
    [
      'an Observable with flavour thread',
      'ERR_RXVISOR_INVALID_PAYLOAD',
      /threaded</,
      (runner) => runner.execute(of(1), { flavour: 'thread' }),
    ],
    [
      'an export that has not been called',
      'ERR_RXVISOR_INVALID_PAYLOAD',
      /call/,
      (runner) => runner.execute(pool.whoami as never),
    ],
    [
      'the module itself',
      'ERR_RXVISOR_INVALID_PAYLOAD',
      /call|export/,
      (runner) => runner.adopt(pool as never),
    ],
    [
      'arguments beside',
      'ERR_RXVISOR_INVALID_OPTION',
      /"args"/,
      (runner) => runner.adopt(pool.sleep(1), { args: [2] } as never),
    ],
    [
      "flavour 'asap' for a threaded payload",
      'ERR_RXVISOR_INVALID_OPTION',
      /"flavour".*asap/,
      (runner) => runner.execute(pool.whoami(), { flavour: 'asap' }),
    ],
    [
      "flavour 'async' for a threaded payload",
      'ERR_RXVISOR_INVALID_OPTION',
      /"flavour".*async/,
      (runner) => runner.adopt(pool.whoami(), { flavour: 'async' }),
    ],
    [
      'a flavour of another scheduler for a threaded payload',
      'ERR_RXVISOR_INVALID_OPTION',
      /"flavour".*mine/,
      (runner) => runner.adopt(pool.whoami(), { flavour: defineFlavour('mine', asyncScheduler) }),
    ],
    [
      'an unknown option of threads',
      'ERR_RXVISOR_INVALID_OPTION',
      /"sizes"/,
      () => new Runner({ threads: { sizes: 2 } as never }),
    ],
    [
      'an impossible size',
      'ERR_RXVISOR_INVALID_OPTION',
      /"size".*0/,
      () => new Runner({ threads: { size: 0 } }),
    ],
    [
      'an impossible idleTimeout',
      'ERR_RXVISOR_INVALID_OPTION',
      /"idleTimeout"/,
      () => new ThreadScheduler({ idleTimeout: -1 }),
    ],
    [
      'an impossible maxQueue',
      'ERR_RXVISOR_INVALID_OPTION',
      /"maxQueue"/,
      () => new ThreadScheduler({ maxQueue: '1' as never }),
    ],
    [
      'threads that are a number',
      'ERR_RXVISOR_INVALID_OPTION',
      /"threads"/,
      () => new Runner({ threads: 4 as never }),
    ],
  ];

  it.each(refusals)(
    'should be refused at once, by name: %s',
    async (_what, code, words, attempt) => {
      const { runner, events } = new Stage();
      const before = [...events];

      expect(() => attempt(runner)).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(words) }),
      );
      await pause(5);
      expect(events).toEqual(before);
      expect(runner.tasks()).toEqual([]);
      expect(workers.started).toHaveLength(0);
    },
  );
});

describe('a thread that is called again and again', () => {
  it('should let the timers of its modules have their turn', async () => {
    const { runner } = new Stage({ threads: { size: 1 } });
    let calls = 0;
    let ticks = 0;
    // Three slices hold some thousand calls, on a slow machine fewer.
    while (ticks < 3 && calls < 20_000) {
      [ticks = 0] = await allOf(runner.execute(pool.countTicks()));
      calls++;
    }

    expect(ticks).toBeGreaterThanOrEqual(3);
  });
});
