import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  Stage,
  Workers,
  allOf,
  anyFixture,
  fixtureUrl,
  leaveStages,
  muffleStderr,
  outcomeOf,
} from './support.js';

const counting = anyFixture('count.mjs');

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

const WAYS = [
  { way: 'exit', reason: 'exit', exitCode: 3 },
  { way: 'uncaught', reason: 'uncaught', exitCode: 1 },
  { way: 'rejection', reason: 'unhandled-rejection', exitCode: 1 },
  { way: 'memory', reason: 'out-of-memory', exitCode: 1 },
];
const MOMENTS = [
  { moment: 'while its module loads', values: [] },
  { moment: 'before its first value', values: [] },
  { moment: 'between its values', values: [1, 2] },
  { moment: 'in its teardown', values: [1, 2] },
];
const threads = { size: 1, resourceLimits: { maxOldGenerationSizeMb: 24 } };

const dying = (way: string, moment: string) => {
  const url = fixtureUrl('dies.mjs');
  url.search = String(new URLSearchParams({ way, moment }));
  return anyFixture(url).run!();
};

describe.each(WAYS)('a thread that dies by $way', ({ way, reason, exitCode }) => {
  it.each(MOMENTS)(
    '$moment should end what ran there once, and let the next run (INVARIANTS I46)',
    async ({ moment, values }) => {
      const stage = new Stage({ threads });
      const { runner } = stage;
      const result = outcomeOf(runner.execute(dying(way, moment), { name: 'bad' }));
      const next = allOf(runner.execute(counting.whoami!(), { name: 'next' }));

      expect((await result).values).toEqual(values);
      expect((await result).failure?.error).toMatchObject({
        code: 'ERR_RXVISOR_WORKER_CRASH',
        reason,
        exitCode,
        task: 'bad',
      });
      expect(await next).toEqual([workers.started[1]!.threadId]);
      expect(stage.told('bad')).toEqual(['start', 'crash', 'exit failed']);
      expect(stage.told('next')).toEqual(['start', 'exit completed']);
    },
  );

  it('while it is asked to stop should be told in the report, and end the life as stopped', async () => {
    const stage = new Stage({ threads });
    const payload = dying(way, 'while it is asked to stop');
    const task$ = stage.runner.adopt(payload, { name: 'bad', restart: 'always' });
    task$.subscribe();
    await stage.until('ready', 'bad');
    await task$.stop();

    expect(stage.told('bad')).toEqual([
      ...['start', 'ready', 'stopping stop'],
      ...['crash', 'exit stopped'],
    ]);
    const { failures } = await stage.shutdown();
    expect(failures).toMatchObject([{ task: 'bad', error: { reason, exitCode } }]);
  });
});
