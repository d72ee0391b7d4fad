import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { take } from 'rxjs';
import {
  Stage,
  Workers,
  allOf,
  anyFixture,
  leaveStages,
  muffleStderr,
  outcomeOf,
} from './support.js';

const hostile = anyFixture('hostile.mjs');

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

const runs = (payload: ReturnType<NonNullable<(typeof hostile)[string]>>) =>
  allOf(stage.runner.execute(payload));

/** It still is the first one. */
async function expectSameThread(): Promise<void> {
  expect(await runs(hostile.whoami!())).toHaveLength(1);
  expect(workers.started).toHaveLength(1);
}

describe('a module that thinks it has its thread to itself', () => {
  it.each([
    ['usesParentPort', 'posted'],
    ['closesParentPort', 'closed'],
    ['leavesTimers', 'left'],
  ])('should disturb nothing (%s)', async (name, said) => {
    expect(await runs(hostile[name]!())).toEqual([said]);
    await expectSameThread();
  });

  it.each(['catchesAll', 'catchesRejections'])(
    'should be left alone with what it handles itself (%s)',
    async (name) => {
      expect(await runs(hostile[name]!())).toEqual([['late']]);
      await expectSameThread();
    },
  );

  it('should not be said to have died of what it has handled', async () => {
    const { failure } = await outcomeOf(stage.runner.execute(hostile.catchesThenExits!()));

    expect(failure?.error).toMatchObject({ reason: 'exit', exitCode: 9 });
  });

  it.each([
    ['staysAtExit', 'stays'],
    ['cannotExit', 'cannot'],
  ])('should be ended all the same at the shutdown (%s)', async (name, said) => {
    expect(await runs(hostile[name]!())).toEqual([said]);

    const begun = Date.now();
    await stage.shutdown();

    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(workers.alive.size).toBe(0);
  });

  it('should have its errors told without a stack when it breaks those', async () => {
    const { failure } = await outcomeOf(stage.runner.execute(hostile.breaksStacks!()));

    expect(failure?.error).toMatchObject({ name: 'RangeError', message: 'without a stack' });
    await expectSameThread();
  });
});

describe('whatever is thrown in a thread', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['number', 42],
    ['string', 'text'],
    ['symbol', 'Symbol(sign)'],
    ['function', expect.stringContaining('named')],
    ['getters', expect.objectContaining({ message: 'getters' })],
    ['proxy', expect.anything()],
    ['revoked', expect.anything()],
    ['cyclic', expect.objectContaining({ message: 'cyclic' })],
    [
      'aggregate',
      expect.objectContaining({
        name: 'AggregateError',
        errors: [
          expect.objectContaining({ message: 'one' }),
          expect.objectContaining({ name: 'RangeError', message: 'two' }),
        ],
      }),
    ],
    ['withFunction', expect.objectContaining({ message: 'with a function', n: 1 })],
    ['frozen', expect.objectContaining({ message: 'frozen' })],
  ])('should be what the execution fails with (%s)', async (what, expected) => {
    const thrown = await outcomeOf(stage.runner.execute(hostile.throwsAny!(what)));
    const rejected = await outcomeOf(stage.runner.execute(hostile.rejectsWith!(what)));

    expect(thrown.failure).toEqual({ error: expected });
    expect(rejected.failure).toEqual({ error: expected });
    await expectSameThread();
  });
});

describe('whatever is returned in a thread', () => {
  it.each([
    ['thenable', 'resolves twice', [1], undefined],
    ['thenable', 'throws', [], 'thrown'],
    ['thenable', 'getter throws', [], 'then'],
    ['badIterator', 'no iterator', [], expect.any(String)],
    ['badIterator', 'next throws', [], 'next'],
    ['badIterator', 'no result', [], expect.any(String)],
  ])('should come to an end (%s: %s)', async (name, how, values, message) => {
    const result = await outcomeOf(stage.runner.execute(hostile[name]!(how)));

    expect(result.values).toEqual(values);
    if (message === undefined) expect(result.failure).toBeUndefined();
    else expect(result.failure?.error).toMatchObject({ message });
    await expectSameThread();
  });

  it.each(['return throws', 'return hangs'])(
    'should come to an end when it is left (an iterator whose %s)',
    async (how) => {
      const payload = hostile.badIterator!(how);
      const grace = how === 'return hangs' ? 100 : 10_000;
      await allOf(stage.runner.execute(payload, { name: 'left', grace }).pipe(take(1)));
      await stage.until('exit', 'left');

      expect(stage.told('left').at(-1)).toBe('exit stopped');
      expect(stage.told('left').includes('overdue')).toBe(how === 'return hangs');
      expect(await runs(hostile.whoami!())).toHaveLength(1);
      expect(workers.started).toHaveLength(how === 'return hangs' ? 2 : 1);
    },
  );

  it('should come to an end when it is left and yields once more', async () => {
    const payload = hostile.yieldsInFinally!();
    await allOf(stage.runner.execute(payload, { name: 'left' }).pipe(take(1)));
    await stage.until('exit', 'left');

    await expectSameThread();
  });
});

describe('a thread that dies', () => {
  it('should take along what ran on it at the same time, each once, and nothing else', async () => {
    const other = new Stage({ threads: { size: 1, overlap: 4 } });
    const { runner } = other;
    const bystander = outcomeOf(runner.adopt(hostile.sleep!(600), { name: 'bystander' }));
    const names = ['one', 'two', 'three'];
    const sleeping = names.map((name) =>
      outcomeOf(runner.execute(hostile.sleep!(10_000), { name })),
    );
    const dying = outcomeOf(runner.execute(hostile.exitsAfter!(100), { name: 'dying' }));
    const waiting = outcomeOf(runner.execute(hostile.whoami!(), { name: 'waiting' }));

    const { failure } = await dying;
    const { threadId } = failure!.error as { threadId: number };
    for (const each of await Promise.all(sleeping)) {
      expect(each.failure?.error).toMatchObject({ reason: 'exit', exitCode: 6, threadId });
    }
    for (const name of names) {
      expect(other.told(name)).toEqual(['start', 'crash', 'exit failed']);
    }
    expect(await bystander).toMatchObject({ values: [expect.any(Number)], failure: undefined });
    expect(await waiting).toMatchObject({ values: [expect.any(Number)], failure: undefined });
    expect((await waiting).values).not.toEqual([threadId]);
  });

  it('while it is asked to stop should be told as the failure of the task, not as its crash loop', async () => {
    const task$ = stage.runner.adopt(hostile.exitsWhenAsked!(), {
      name: 'asked',
      restart: 'always',
    });
    await stage.until('ready', 'asked');
    await task$.stop();

    expect(stage.told('asked')).toEqual([
      ...['start', 'ready', 'stopping stop'],
      ...['crash', 'exit stopped'],
    ]);
    const report = await stage.shutdown();
    expect(report.failures).toMatchObject([
      { task: 'asked', error: { code: 'ERR_RXVISOR_WORKER_CRASH', reason: 'exit', exitCode: 5 } },
    ]);
  });

  it('of something uncaught while it is asked to stop should not wait for the grace', async () => {
    const task$ = stage.runner.adopt(hostile.throwsLateWhenAsked!(), { name: 'asked' });
    await stage.until('ready', 'asked');
    const begun = Date.now();
    await task$.stop();

    expect(Date.now() - begun).toBeLessThan(6_000);
    expect(stage.told('asked')).not.toContain('overdue');
    const report = await stage.shutdown();
    expect(report.failures).toMatchObject([{ task: 'asked', error: { reason: 'uncaught' } }]);
  });

  it('while its module never finishes loading should be left by who has unsubscribed', async () => {
    const payload = anyFixture('never-loads.mjs').run!();
    const held = stage.runner.execute(payload, { name: 'stuck', grace: 100 }).subscribe();
    await workers.until(({ started }) => started.length === 1);
    await new Promise((resolve) => workers.started[0]!.once('online', resolve));

    held.unsubscribe();
    await stage.until('exit', 'stuck');

    expect(stage.told('stuck').at(-1)).toBe('exit stopped');
    expect(await runs(hostile.whoami!())).toHaveLength(1);
  });
});

describe('very many payloads, of which some end their threads', () => {
  it('should all settle, each with its own value or a reason, and leave nothing', async () => {
    const { runner } = new Stage({ threads: { size: 2 } });
    const all = Array.from({ length: 200 }, (_, n) => ({ n, way: n % 13 }));
    const settled = await Promise.all(
      all.map(async ({ n, way }) => ({
        n,
        way,
        result: await outcomeOf(runner.execute(hostile.mayDie!(n, way > 4 ? 0 : way))),
      })),
    );

    for (const { n, way, result } of settled) {
      if (way === 2) expect(result.failure?.error).toMatchObject({ message: 'thrown' });
      else if (way === 0 || way > 4) {
        // Nobody who did no harm suffers any.
        expect(result).toMatchObject({ values: [n], failure: undefined });
      } else {
        expect(result.failure?.error).toMatchObject({
          reason: way === 4 ? 'unhandled-rejection' : 'exit',
        });
      }
    }
    expect(runner.tasks()).toEqual([]);
  });

  it('should follow one another from inside their ends without a stack', async () => {
    let n = 0;
    await new Promise<void>((resolve, reject) => {
      const next = () => {
        if (++n > 1_000) resolve();
        else stage.runner.execute(hostile.whoami!()).subscribe({ complete: next, error: reject });
      };
      next();
    });

    expect(workers.started).toHaveLength(1);
  });
});
