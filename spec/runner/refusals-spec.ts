import { describe, expect, it } from '@jest/globals';
import { NEVER, asyncScheduler } from 'rxjs';
import {
  InvalidOptionError,
  InvalidPayloadError,
  Runner,
  type TaskContext,
} from '../../src/index.js';
import { observe, turn } from './support.js';

const PAYLOADS: readonly [string, unknown, 'started' | 'impossible'][] = [
  ['a promise', Promise.resolve(1), 'started'],
  ['an iterator', [1][Symbol.iterator](), 'started'],
  ['a generator object', (function* () {})(), 'started'],
  ['an async generator object', (async function* () {})(), 'started'],
  ['a ReadableStream', ReadableStream.from([1]), 'started'],
  ['a string', 'text', 'impossible'],
  ['an array', [1], 'impossible'],
  ['an object', {}, 'impossible'],
  ['null', null, 'impossible'],
  ['undefined', undefined, 'impossible'],
  ['a number', 7, 'impossible'],
];

/** Every option with what it can't be. */
const TIMES: readonly unknown[] = [-1, Number.NaN, '5', null, true, -Infinity];
const EXECUTE_REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  name: ['', 7, null, {}],
  flavour: ['nowhere', '', 7, null, {}, { name: 'x' }, 'toString'],
  args: ['text', 7, {}, null],
  grace: TIMES,
};
const ADOPT_REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  ...EXECUTE_REFUSED,
  restart: ['sometimes', true, null, ''],
  backoff: [1_000, 'exponential', null],
  resetAfter: [...TIMES, Infinity],
  maxRestarts: [-1, 1.5, Number.NaN, '5', null],
  within: [...TIMES, Infinity],
  scheduler: [{}, null, 'async', { now: Date.now }],
  awaitReady: [1, 'true', null],
  errors: ['ignore', true, null],
};
const RUNNER_REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  grace: TIMES,
  shutdownTimeout: [...TIMES, Infinity],
  scheduler: [{}, null, 'async'],
};
const RUN_REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  signals: [1, 'SIGTERM', null, ['SIGTERM']],
  signal: [{}, null, true, new AbortController()],
  until: ['later', true, null],
};

const cases = (refused: Readonly<Record<string, readonly unknown[]>>): [string, unknown][] =>
  Object.entries(refused).flatMap(([option, values]) =>
    values.map((value): [string, unknown] => [option, value]),
  );

/** How each way in takes options, and what it throws or rejects with. */
const caught = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** What is done with a runner, and must leave no trace of it. */
async function refused(work: (runner: Runner) => unknown): Promise<unknown> {
  const runner = new Runner();
  const events = observe(runner);
  const ran = runner.run();
  await turn();
  const before = events.length;
  const error = await caught(() => work(runner));
  await turn();
  expect(events).toHaveLength(before);
  expect(runner.tasks()).toEqual([]);
  expect(runner.state).toBe('running');
  await runner.shutdown();
  await ran;
  return error;
}

describe('a payload that cannot be run again', () => {
  const WAYS: readonly [string, (runner: Runner, payload: never) => unknown][] = [
    ['adopt', (runner, payload) => runner.adopt(payload)],
    ['execute', (runner, payload) => runner.execute(payload)],
    ['iterate', (runner, payload) => runner.iterate(payload)],
  ];
  const ALL = WAYS.flatMap(([way, enter]) =>
    PAYLOADS.map(([shape, payload, kind]) => [way, shape, kind, enter, payload] as const),
  );

  it.each(ALL)('should be refused by %s at once: %s (%s)', async (_w, _s, kind, enter, payload) => {
    const error = await refused((runner) => enter(runner, payload as never));
    expect(error).toBeInstanceOf(InvalidPayloadError);
    const { message, code } = error as InvalidPayloadError;
    expect(code).toBe('ERR_RXVISOR_INVALID_PAYLOAD');
    expect(message).toContain('wrap it in a function');
    if (kind === 'started') expect(message).toContain('has already started');
    else expect(message).not.toContain('has already started');
  });

  it('should be refused in a context, too: a crash of the attempt that tried', async () => {
    const runner = new Runner();
    runner.adopt(({ adopt }: TaskContext) => {
      adopt(Promise.resolve(1) as never);
    });
    await expect(runner.run()).rejects.toMatchObject({ cause: { name: 'InvalidPayloadError' } });
  });
});

describe('an option', () => {
  function expectRefusal(error: unknown, option: string, value: unknown): void {
    expect(error).toBeInstanceOf(InvalidOptionError);
    const { option: named, value: got, message, code } = error as InvalidOptionError;
    expect({ option: named, value: got, code }).toEqual({
      option,
      value,
      code: 'ERR_RXVISOR_INVALID_OPTION',
    });
    expect(message).toMatch(new RegExp(`^option "${option}" is .+: .+`));
  }

  it.each(cases(ADOPT_REFUSED))('of adopt, %s, should not be %p', async (option, value) => {
    const error = await refused((runner) => runner.adopt(NEVER, { [option]: value } as never));
    expectRefusal(error, option, value);
  });

  it.each(cases(EXECUTE_REFUSED))('of execute, %s, should not be %p', async (option, value) => {
    const error = await refused((runner) => runner.execute(NEVER, { [option]: value } as never));
    expectRefusal(error, option, value);
  });

  it.each(cases(EXECUTE_REFUSED))('of iterate, %s, should not be %p', async (option, value) => {
    const error = await refused((runner) => runner.iterate(NEVER, { [option]: value } as never));
    expectRefusal(error, option, value);
  });

  it.each(cases(RUNNER_REFUSED))('of Runner, %s, should not be %p', async (option, value) => {
    expectRefusal(await caught(() => new Runner({ [option]: value })), option, value);
  });

  it.each(cases(RUN_REFUSED))('of run, %s, should not be %p', async (option, value) => {
    const runner = new Runner();
    const error = await caught(() => runner.run({ [option]: value }));
    expectRefusal(error, option, value);
    expect(runner.state).toBe('idle');
  });

  it.each<[string, (runner: Runner, options: never) => unknown]>([
    ['Runner', (_runner, options) => new Runner(options)],
    ['adopt', (runner, options) => runner.adopt(NEVER, options)],
    ['execute', (runner, options) => runner.execute(NEVER, options)],
    ['iterate', (runner, options) => runner.iterate(NEVER, options)],
  ])('of %s that it does not have should be refused by name (PITFALLS B13)', async (_way, use) => {
    for (const key of ['nmae', 'restarts', 'toString', 'constructor', 'hasOwnProperty']) {
      const error = await refused((runner) => use(runner, { [key]: 1 } as never));
      expectRefusal(error, key, 1);
      expect((error as Error).message).toContain('there is no such option');
      expect((error as Error).message).toContain('grace');
    }
    for (const options of [null, 7, 'text', [], () => undefined]) {
      const error = await refused((runner) => use(runner, options as never));
      expectRefusal(error, 'options', options);
    }
  });

  it.each(['restart', 'awaitReady', 'errors', 'maxRestarts', 'backoff'])(
    'of adopt, %s, should be refused by execute and iterate, which have it not',
    async (option) => {
      const options = { [option]: 1 } as never;
      for (const use of [
        (runner: Runner) => runner.execute(NEVER, options),
        (runner: Runner) => runner.iterate(NEVER, options),
      ]) {
        expectRefusal(await refused(use), option, 1);
      }
    },
  );

  it('should count as absent when it is undefined', async () => {
    const nothing = (refused: object) =>
      Object.fromEntries(Object.keys(refused).map((option) => [option, undefined]));
    const runner = new Runner(nothing(RUNNER_REFUSED));
    runner.adopt(() => undefined, nothing(ADOPT_REFUSED) as never);
    await expect(runner.run({ ...nothing(RUN_REFUSED), until: 'idle' })).resolves.toMatchObject({
      counts: { completed: 1 },
    });
  });

  it('should be allowed at its bounds', async () => {
    const runner = new Runner({ grace: 0, shutdownTimeout: 0, scheduler: asyncScheduler });
    runner.adopt(() => undefined, {
      grace: Infinity,
      resetAfter: 0,
      within: 0,
      maxRestarts: 0,
      args: [],
      errors: 'fatal',
      restart: 'never',
      awaitReady: false,
      flavour: 'async',
    });
    runner.adopt(() => undefined, { maxRestarts: Infinity, name: ' ' });
    await runner.run({ until: 'idle', signals: false, signal: new AbortController().signal });
  });

  it('should name the flavours there are when there is no such flavour', async () => {
    const error = await refused((runner) => runner.adopt(NEVER, { flavour: 'nowhere' }));
    expect((error as Error).message).toMatch(/'asap'.*'async'.*defineFlavour/);
  });
});
