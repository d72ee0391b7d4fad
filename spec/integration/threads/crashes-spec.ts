import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import {
  type ThreadOptions,
  ThreadScheduler,
  type ThreadedPayload,
  constant,
  defineFlavour,
} from 'rxvisor';
import {
  type Outcome,
  Shared,
  Stage,
  Workers,
  allOf,
  anyFixture,
  fixture,
  fixtureUrl,
  leaveStages,
  muffleStderr,
  outcomeOf,
  realProcess,
} from './support.js';

interface Counting {
  whoami(): number;
  countUntilTold(shared: SharedArrayBuffer): AsyncGenerator<number>;
}

const counting = fixture<Counting>('count.mjs');
const crashes = anyFixture('crashes.mjs');

interface Case {
  readonly what: string;
  readonly payload: (shared: Shared) => ThreadedPayload;
  readonly values?: readonly unknown[];
  readonly error: object;
  readonly dies: boolean;
  /** Whether a second failure settles it, since it can only fail again. */
  readonly isFinal?: boolean;
  readonly threads?: ThreadOptions;
  /** What is done at each value. */
  readonly act?: (workers: Workers, value: unknown) => void;
}

/** 10 times what is promised, which most keep; a busy machine may hold up any of them for longer. */
const SOON = 1_000;
const AT_LAST = 8_000;
const NO_PLACE = 'file:///there/is/no/such/module.mjs';

const custom = {
  name: 'CustomError',
  message: 'boom',
  code: 'E_CUSTOM',
  stack: expect.stringMatching(/CustomError: boom[^]*crashes\.mjs[^]*crashes-spec/),
  cause: expect.objectContaining({ name: 'RangeError', message: 'why' }),
};

const crash = (reason: unknown, more: object = {}) => ({
  name: 'WorkerCrashError',
  code: 'ERR_RXVISOR_WORKER_CRASH',
  reason,
  threadId: expect.any(Number),
  task: 'bad',
  message: expect.stringMatching(/^task "bad" /),
  ...more,
});

const lastWords = (way: string) => ({
  stderr: expect.stringMatching(new RegExp(`first words\nlast words of ${way}$`)),
});

const clone = (what: string) => ({
  name: 'CloneError',
  code: 'ERR_RXVISOR_CLONE',
  task: 'bad',
  message: expect.stringContaining(`can't pass ${what} between threads`),
  cause: expect.objectContaining({ name: 'DataCloneError' }),
});

const alive = { dies: false };
const dead = { dies: true };

const cases: Case[] = [
  { what: 'a throw', payload: ({ buffer }) => crashes.throws!(buffer), error: custom, ...alive },
  {
    what: 'a rejected promise',
    payload: ({ buffer }) => crashes.rejects!(buffer),
    error: custom,
    ...alive,
  },
  {
    what: 'an error notification',
    payload: ({ buffer }) => crashes.notifies!(buffer),
    values: [1, 2],
    error: custom,
    ...alive,
  },
  {
    what: 'a throw between values',
    payload: ({ buffer }) => crashes.throwsLater!(buffer),
    values: [1, 2],
    error: custom,
    ...alive,
  },
  {
    what: 'a throw in a teardown',
    payload: ({ buffer }) => crashes.throwsInTeardown!(buffer),
    values: [1],
    error: custom,
    ...alive,
  },
  {
    what: 'a throw while it is open',
    payload: ({ buffer }) => crashes.throwsWhileOpen!(buffer),
    values: [1],
    error: crash('uncaught', {
      ...lastWords('throwsWhileOpen'),
      exitCode: 1,
      cause: expect.objectContaining({ name: 'CustomError', code: 'E_CUSTOM', message: 'boom' }),
    }),
    ...dead,
  },
  {
    what: 'an unhandled rejection',
    payload: ({ buffer }) => crashes.leavesRejection!(buffer),
    error: crash('unhandled-rejection', {
      ...lastWords('leavesRejection'),
      exitCode: 1,
      cause: expect.objectContaining({ name: 'CustomError', code: 'E_CUSTOM', message: 'boom' }),
    }),
    ...dead,
  },
  {
    what: 'process.exit(3)',
    payload: ({ buffer }) => crashes.exits!(buffer),
    error: crash('exit', { ...lastWords('exits'), exitCode: 3 }),
    ...dead,
  },
  {
    what: 'process.exit(3) between values',
    payload: ({ buffer }) => crashes.exitsBetweenValues!(buffer),
    values: [1, 2],
    error: crash('exit', { ...lastWords('exitsBetweenValues'), exitCode: 3 }),
    ...dead,
  },
  {
    what: 'process.exit(3) in a teardown',
    payload: ({ buffer }) => crashes.exitsInTeardown!(buffer),
    values: [1],
    error: crash('exit', { ...lastWords('exitsInTeardown'), exitCode: 3 }),
    ...dead,
  },
  {
    what: 'running out of memory',
    payload: ({ buffer }) => crashes.fillsMemory!(buffer),
    error: crash('out-of-memory', {
      ...lastWords('fillsMemory'),
      exitCode: 1,
      cause: expect.objectContaining({ code: 'ERR_WORKER_OUT_OF_MEMORY' }),
    }),
    threads: { resourceLimits: { maxOldGenerationSizeMb: 24 } },
    ...dead,
  },
  {
    what: 'an external terminate',
    payload: ({ buffer }) => crashes.awaitsItsEnd!(buffer),
    values: [expect.any(Number)],
    error: crash('terminated', { ...lastWords('awaitsItsEnd'), exitCode: 1 }),
    act: (workers, threadId) => void workers.of(threadId as number).terminate(),
    ...dead,
  },
  {
    what: 'a module that is not there',
    payload: () => anyFixture(new URL(NO_PLACE)).run!(),
    error: crash('load', { cause: expect.objectContaining({ code: 'ERR_MODULE_NOT_FOUND' }) }),
    ...alive,
  },
  {
    what: 'a module that imports what is not there',
    payload: () => anyFixture('imports-missing.mjs').run!(),
    error: crash('load', {
      cause: expect.objectContaining({
        code: 'ERR_MODULE_NOT_FOUND',
        message: expect.stringContaining('there-is-no-such-module'),
      }),
    }),
    ...alive,
  },
  {
    what: 'a syntax error in the module',
    payload: () => anyFixture(new URL('data:text/javascript,export const run = ;')).run!(),
    error: crash('load', { cause: expect.objectContaining({ name: 'SyntaxError' }) }),
    ...alive,
  },
  {
    what: 'a module that throws at its top level',
    payload: () => anyFixture('throws-on-load.mjs').run!(),
    error: crash('load', {
      cause: expect.objectContaining({
        name: 'RangeError',
        message: 'not today',
        code: 'E_LOAD',
        stack: expect.stringContaining('throws-on-load.mjs'),
      }),
    }),
    ...alive,
  },
  {
    what: 'a module that exits at its top level',
    payload: () => anyFixture('exits-on-load.mjs').run!(),
    error: crash('exit', { exitCode: 4 }),
    ...dead,
  },
  {
    what: 'a missing export',
    payload: () => crashes.notThere!(),
    error: crash('no-export', {
      cause: expect.objectContaining({
        message: expect.stringMatching(/no function "notThere".*no such export/),
      }),
    }),
    ...alive,
  },
  {
    what: 'an export that is no function',
    payload: () => crashes.notCallable!(),
    error: crash('no-export', {
      cause: expect.objectContaining({ message: expect.stringMatching(/"notCallable".*a number/) }),
    }),
    ...alive,
  },
  {
    what: 'an argument that cannot be cloned',
    payload: () => crashes.takes!(1, () => undefined),
    error: clone('argument 2'),
    isFinal: true,
    ...alive,
  },
  {
    what: 'a value that cannot be cloned',
    payload: ({ buffer }) => crashes.emitsFunction!(buffer),
    error: clone('a value'),
    ...alive,
  },
  {
    what: 'a promised value that cannot be cloned',
    payload: ({ buffer }) => crashes.resolvesToFunction!(buffer),
    error: clone('a value'),
    ...alive,
  },
  {
    what: 'a fifth value that cannot be cloned',
    payload: ({ buffer }) => crashes.emitsFunctionFifth!(buffer),
    values: [1, 2, 3, 4],
    error: clone('a value'),
    ...alive,
  },
  {
    what: 'a module whose top-level await never settles',
    payload: () => anyFixture('never-loads.mjs').run!(),
    error: crash('handshake', { exitCode: 1 }),
    threads: { startTimeout: 300 },
    ...dead,
  },
  {
    what: 'a module whose top level never ends',
    payload: () => anyFixture('loops-on-load.mjs').run!(),
    error: crash('handshake', { exitCode: 1 }),
    threads: { startTimeout: 300 },
    ...dead,
  },
];

let workers: Workers;

beforeEach(() => {
  muffleStderr();
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Somebody who works on the other thread for as long as all these things happen. */
class Companion {
  readonly #told = new Shared();
  readonly #atWork = new EventEmitter();
  readonly #outcome: Promise<Outcome<number>>;

  constructor({ runner }: Stage) {
    const work$ = runner.execute(counting.countUntilTold(this.#told.buffer), { name: 'companion' });
    this.#outcome = outcomeOf(work$, () => this.#atWork.emit('value'));
  }

  async goesOn(): Promise<void> {
    for (let n = 0; n < 2; n++) await once(this.#atWork, 'value');
  }

  leave(): Promise<Outcome<number>> {
    this.#told.set(1);
    return this.#outcome;
  }
}

describe('among others that are at work,', () => {
  let stage: Stage;
  let companion: Companion;
  let startedBefore: number;
  /** From the event to the end that is told, in ms. */
  const took: number[] = [];

  beforeAll(async () => {
    workers = new Workers();
    stage = new Stage({ threads: { size: 2 } });
    companion = new Companion(stage);
    await companion.goesOn();
    await allOf(stage.runner.execute(counting.whoami()));
  });

  beforeEach(() => {
    stage.events.length = 0;
    startedBefore = workers.started.length;
  });

  afterEach(async () => {
    await companion.goesOn();
    // The pool's, for those of tasks end with their lives.
    await workers.until(({ alive }) => alive.size <= 2);
    expect(stage.runner.state).toBe('running');
  });

  afterAll(async () => {
    const { values, failure } = await companion.leave();
    expect(failure).toBeUndefined();
    expect(values).toEqual(values.map((_, n) => n));
    await leaveStages();
    workers.stopWatching();
    expect(workers.alive.size).toBe(0);
  });

  describe.each(cases)('$what', ({ payload, values = [], error, dies, isFinal, ...more }) => {
    const { threads, act } = more;
    let scheduler: ThreadScheduler | undefined;
    /** On the runner's own threads, unless those have to be of a special kind. */
    const bad = () => {
      scheduler = threads && new ThreadScheduler({ size: 1, ...threads });
      return { name: 'bad', ...(scheduler && { flavour: defineFlavour('special', scheduler) }) };
    };
    const startedSince = () => workers.started.length - startedBefore;

    afterEach(async () => {
      await scheduler?.close();
    });

    it('should end an execution with a typed error, and nothing else', async () => {
      const { runner } = stage;
      const shared = new Shared();
      let acted = 0;

      const begun = Date.now();
      const result = await outcomeOf(runner.execute(payload(shared), bad()), (value) => {
        acted = Date.now();
        act?.(workers, value);
      });

      expect(result.values).toEqual(values);
      expect(result.failure?.error).toMatchObject(error);
      const since = act ? acted : shared.time || begun + (threads?.startTimeout ?? 0);
      took.push(result.at - since);
      expect(took.at(-1)).toBeLessThan(AT_LAST);
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed']);
      expect(stage.ofType('crash', 'bad')[0]!.error).toBe(result.failure?.error);
      // The pool serves the next, on a new thread if there has to be one.
      expect(await allOf(runner.execute(counting.whoami()))).toHaveLength(1);
      // What could not be loaded is remembered by its thread, so that one is replaced, too.
      const isSpent = dies || threads !== undefined || LOADING.has((error as Crash).reason);
      expect(startedSince()).toBe(isSpent ? 1 : 0);
    });

    it('should be the end of an adopted task, and of nothing else if its subscriber takes the error', async () => {
      const task$ = stage.runner.adopt(payload(new Shared()), { ...bad(), errors: 'deliver' });
      const result = await outcomeOf(task$, (value) => act?.(workers, value));

      expect(result.values).toEqual(values);
      expect(result.failure?.error).toMatchObject(error);
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed']);
      expect(startedSince()).toBeLessThanOrEqual(1);
    });

    it('should be charged to the restart budget of an adopted task', async () => {
      const task$ = stage.runner.adopt(payload(new Shared()), {
        ...bad(),
        errors: 'deliver',
        restart: 'on-failure',
        maxRestarts: 2,
        backoff: constant(0),
      });
      const result = await outcomeOf(task$, (value) => act?.(workers, value));

      const attempts = isFinal ? 2 : 3;
      expect(result.values).toEqual(Array.from({ length: attempts }, () => values).flat());
      const limit = { code: 'ERR_RXVISOR_RESTART_LIMIT', restarts: 2, cause: like(error) };
      expect(result.failure?.error).toMatchObject(isFinal ? error : limit);
      expect(stage.told('bad')).toEqual([
        ...Array.from({ length: attempts - 1 }, () => RESTARTED).flat(),
        ...['start', 'crash', 'exit failed'],
      ]);
      for (const event of stage.ofType('crash', 'bad').slice(0, isFinal ? 1 : 3)) {
        expect(event.error).toMatchObject(error);
      }
      // A thread is started for each attempt only if the one before has died, or is no good any more.
      if (dies) expect(startedSince()).toBe(attempts);
      else expect(startedSince()).toBeLessThanOrEqual(attempts);
    });
  });

  it('should be as fast as promised', () => {
    expect(took.length).toBe(cases.length);
    expect(took.sort((a, b) => a - b)[took.length >> 1]).toBeLessThan(SOON);
  });
});

interface Crash {
  readonly reason?: unknown;
}

const LOADING = new Set<unknown>(['load', 'no-export']);
const RESTARTED = ['start', 'crash restarting', 'restart crash'];
const like = (error: object): unknown => expect.objectContaining(error);

describe('alone,', () => {
  beforeEach(() => {
    workers = new Workers();
  });

  afterEach(async () => {
    await leaveStages();
    workers.stopWatching();
    expect(workers.alive.size).toBe(0);
  });

  const deadly = cases.filter(({ dies }) => dies);

  describe.each(deadly)('$what, when others wait for that thread', ({ payload, threads, act }) => {
    it('should let them run on another one', async () => {
      const special = { ...threads, ...(threads?.startTimeout && { startTimeout: 1_000 }) };
      const { runner } = new Stage({ threads: { size: 1, ...special } });

      const bad = outcomeOf(runner.execute(payload(new Shared())), (value) =>
        act?.(workers, value),
      );
      const others = [1, 2, 3, 4].map(() => outcomeOf(runner.execute(counting.whoami())));

      expect((await bad).failure).toBeDefined();
      for (const { values, failure } of await Promise.all(others)) {
        expect(failure).toBeUndefined();
        expect(values).toEqual([workers.started[1]!.threadId]);
      }
      expect(workers.started).toHaveLength(2);
    });
  });

  describe('a throw after the result', () => {
    it.each(['throwsInTimeout', 'throwsInImmediate'])(
      'should take nothing back from who had the result already (%s)',
      async (name) => {
        const stage = new Stage({ threads: { size: 1 } });
        const { runner } = stage;
        const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
        const payload = crashes[name]!(new Shared().buffer);

        expect(await allOf(runner.execute(payload, { name: 'late' }))).toEqual(['done']);
        await workers.until(({ alive }) => alive.size === 0);
        expect(stage.told('late')).toEqual(['start', 'exit completed']);
        expect(await allOf(runner.execute(counting.whoami()))).toEqual([
          workers.started[1]!.threadId,
        ]);
        expect(warn).toHaveBeenCalledWith(
          expect.stringContaining('nothing caught it'),
          expect.objectContaining({ code: 'ERR_RXVISOR_WORKER_CRASH' }),
        );
      },
    );

    it('should end what runs on that thread by then', async () => {
      const stage = new Stage({ threads: { size: 1 } });
      const { runner } = stage;
      const first = outcomeOf(runner.execute(crashes.throwsSoon!(200)));
      const next = outcomeOf(runner.execute(crashes.awaitsItsEnd!(), { name: 'bad' }));

      expect(await first).toMatchObject({ values: ['done'], failure: undefined });
      expect((await next).failure?.error).toMatchObject(
        crash('uncaught', { cause: expect.objectContaining({ message: 'boom' }) }),
      );
    });

    it('should harm no adopted task that is over, nor any other', async () => {
      const stage = new Stage();
      const companion = new Companion(stage);
      await companion.goesOn();
      const payload = crashes.throwsInTimeout!(new Shared().buffer);
      const { values, failure } = await outcomeOf(stage.runner.adopt(payload, { name: 'late' }));

      expect(values).toEqual(['done']);
      expect(failure).toBeUndefined();
      expect(stage.told('late')).toEqual(['start', 'exit completed']);
      await companion.goesOn();
      expect((await companion.leave()).failure).toBeUndefined();
      expect(stage.runner.state).toBe('running');
    });
  });

  describe('a thread that is terminated', () => {
    it('before it has started, should end what was to run there, once', async () => {
      const stage = new Stage();
      const companion = new Companion(stage);
      await companion.goesOn();
      realProcess.once('worker', (worker) => void worker.terminate());
      const { failure } = await outcomeOf(
        stage.runner.adopt(counting.whoami(), { name: 'bad', errors: 'deliver' }),
      );

      expect(failure?.error).toMatchObject(crash('terminated'));
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed']);
      await companion.goesOn();
      expect((await companion.leave()).failure).toBeUndefined();
    });

    it('while it loads the module, should end what was to run there, once', async () => {
      const stage = new Stage();
      const companion = new Companion(stage);
      await companion.goesOn();
      const loading = new Shared();
      const payload = anyFixture(new URL(`${fixtureUrl('slow-to-load.mjs').href}?terminated`));
      realProcess.once('worker', (worker) => {
        worker.once('online', () => setTimeout(() => void worker.terminate(), 150));
      });
      const { failure } = await outcomeOf(
        stage.runner.adopt(payload.run!(loading.buffer), { name: 'bad', errors: 'deliver' }),
      );

      expect(failure?.error).toMatchObject(crash('terminated', { exitCode: 1 }));
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed']);
      await companion.goesOn();
      expect((await companion.leave()).failure).toBeUndefined();
    });

    it('in a teardown, should turn the completion into a crash', async () => {
      const stage = new Stage();
      const companion = new Companion(stage);
      await companion.goesOn();
      const { values, failure } = await outcomeOf(
        stage.runner.execute(crashes.tearsDownForEver!(), { name: 'bad' }),
        (threadId) => setTimeout(() => void workers.of(threadId as number).terminate(), 50),
      );

      expect(values).toHaveLength(1);
      expect(failure?.error).toMatchObject(crash('terminated', { exitCode: 1 }));
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed']);
      await companion.goesOn();
      expect((await companion.leave()).failure).toBeUndefined();
    });

    it('while it has nothing to do, should be missed by nobody', async () => {
      const stage = new Stage({ threads: { size: 1 } });
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const [first] = await allOf(stage.runner.execute(counting.whoami()));
      await workers.of(first!).terminate();

      const [second] = await allOf(stage.runner.execute(counting.whoami()));
      expect(second).not.toBe(first);
      expect(warn).toHaveBeenCalledTimes(1);
    });
  });

  describe('a module that does not load at first', () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'rxvisor-flaky-'));
    });

    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    const flaky = () => {
      const url = fixtureUrl('flaky.mjs');
      url.search = String(new URLSearchParams({ flag: join(folder, 'flag') }));
      return anyFixture(url).run!();
    };

    it('should be tried again by the next execution, and not be remembered as bad', async () => {
      const { runner } = new Stage({ threads: { size: 1 } });
      const { failure } = await outcomeOf(runner.execute(flaky()));
      expect(failure?.error).toMatchObject({ reason: 'load', cause: { message: 'not yet' } });

      writeFileSync(join(folder, 'flag'), '');
      expect(await allOf(runner.execute(flaky()))).toHaveLength(1);
    });

    it('should be tried again by the next attempt of an adopted task', async () => {
      const stage = new Stage();
      const task$ = stage.runner.adopt(flaky(), {
        name: 'flaky',
        restart: 'on-failure',
        backoff: () => {
          writeFileSync(join(folder, 'flag'), '');
          return 0;
        },
      });

      expect((await outcomeOf(task$)).values).toHaveLength(1);
      expect(stage.told('flaky')).toEqual([...RESTARTED, 'start', 'exit completed']);
    });
  });

  describe('a thread that never says that it is there', () => {
    const hangs = {
      execArgv: ['--import', fixtureUrl('preload-hangs.mjs').href],
      startTimeout: 300,
    };
    const handshake = crash('handshake', { exitCode: 1 });

    it('should end all executions that were to run there, each once, and start no other for them', async () => {
      const { runner } = new Stage({ threads: { size: 1, ...hangs } });
      const begun = Date.now();
      const all = [1, 2, 3].map(() =>
        outcomeOf(runner.execute(counting.whoami(), { name: 'bad' })).then(({ failure, at }) => {
          expect(at - begun).toBeGreaterThan(250);
          return failure?.error;
        }),
      );

      expect(await all[0]).toMatchObject(handshake);
      expect(Date.now() - begun).toBeLessThan(300 + AT_LAST);
      for (const error of await Promise.all(all)) {
        expect(error).toMatchObject({ reason: 'handshake' });
      }
      // Nor do they come back.
      expect(workers.started.length).toBeLessThanOrEqual(3);
      const adding = runner.execute(() => 'main', { name: 'main' });
      expect(await allOf(adding)).toEqual(['main']);
    });

    it('should be charged to the restart budget of an adopted task', async () => {
      const stage = new Stage({ threads: { size: 1, ...hangs, startTimeout: 100 } });
      const { failure } = await outcomeOf(
        stage.runner.adopt(counting.whoami(), {
          name: 'bad',
          errors: 'deliver',
          restart: 'on-failure',
          maxRestarts: 2,
          backoff: constant(0),
        }),
      );

      expect(failure?.error).toMatchObject({
        code: 'ERR_RXVISOR_RESTART_LIMIT',
        cause: like(handshake),
      });
      expect(stage.told('bad')).toEqual([
        ...RESTARTED,
        ...RESTARTED,
        ...['start', 'crash', 'exit failed'],
      ]);
      expect(workers.started).toHaveLength(3);
    });

    it('should be no reason for a timeout while a payload that is up takes long', async () => {
      const { runner } = new Stage({ threads: { size: 1, startTimeout: 1_000 } });

      expect(await allOf(runner.execute(crashes.sleeps!(1_500)))).toEqual(['slept']);
    });
  });

  describe('a crash that nobody takes', () => {
    it('should end the runner, which rejects with the typed error as its cause', async () => {
      const stage = new Stage();
      const payload = crashes.exits!(new Shared().buffer);
      stage.runner.adopt(payload, { name: 'bad' });

      expect(await stage.end).toMatchObject({
        code: 'ERR_RXVISOR_RUNNER_FAILED',
        cause: crash('exit', { exitCode: 3 }),
        failures: [{ task: 'bad', error: crash('exit') }],
      });
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed fatal']);
    });

    it('should be passed on with all that the thread has written', async () => {
      const written = muffleStderr();
      const { runner } = new Stage();
      await outcomeOf(runner.execute(crashes.writesMuch!()));

      const lines = written().trimEnd().split('\n');
      expect(lines).toEqual(lines.map((_, n) => `line ${n + 1}`));
      expect(lines).toHaveLength(1_000);
    });

    it('should keep no more than the last lines in the error', async () => {
      const { runner } = new Stage();
      const { failure } = await outcomeOf(runner.execute(crashes.writesMuch!()));

      const lines = (failure?.error as { stderr: string }).stderr.split('\n');
      expect(lines.at(-1)).toBe('line 1000');
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.length).toBeLessThan(50);
    });
  });
});
