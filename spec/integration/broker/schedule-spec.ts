import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { until, useFleet } from './fleet.js';

jest.setTimeout(120_000);
jest.spyOn(process, 'emitWarning').mockReturnValue();

const fleet = useFleet();

/** Not so late in a minute that the next one begins within the spec. */
async function earlyInMinute(): Promise<void> {
  const second = new Date().getUTCSeconds();
  if (second >= 40) await setTimeout((60 - second) * 1_000);
}

describe('a schedule', () => {
  it('should have a job done once for each time, however many backends there are', async () => {
    await earlyInMinute();
    const { near, far, queue } = await fleet.pair();
    const third = await fleet.open({ queue });
    const seen: unknown[] = [];
    for (const backend of [near, far, third]) backend.setExecutor((job) => void seen.push(job));
    // The minute that has begun is one of its times.
    for (const backend of [near, far]) {
      await backend.schedule(
        'report',
        '* * * * *',
        { type: 'report', to: 'a' },
        { tz: 'Europe/Zurich' },
      );
    }
    await until(() => seen.length > 0);
    await setTimeout(4_000);

    expect(seen).toEqual([{ type: 'report', to: 'a' }]);
    await near.unschedule('report');
  });

  it('should go by the clock of its zone', async () => {
    await earlyInMinute();
    const { near, far } = await fleet.pair();
    const seen: unknown[] = [];
    far.setExecutor(({ type }) => void seen.push(type));
    const [minute, hour] = [new Date().getUTCMinutes(), new Date().getUTCHours()];
    const there = (hour + 14) % 24;
    await near.schedule(
      'there',
      `${minute} ${there} * * *`,
      { type: 'there' },
      { tz: 'Pacific/Kiritimati' },
    );
    await near.schedule('nowhere', `${minute} ${there} * * *`, { type: 'nowhere' });
    await near.schedule('here', `${minute} ${hour} * * *`, { type: 'here' });
    await until(() => seen.length === 2);

    expect(seen.sort()).toEqual(['here', 'there']);
    for (const name of ['there', 'nowhere', 'here']) await near.unschedule(name);
  });

  it('should be replaced by one of the same name, and be none when it’s taken back', async () => {
    const { near, queue } = await fleet.pair();
    const find = () =>
      fleet.query(
        `SELECT key, cron, timezone, data -> 'job' AS job FROM rxvisor.schedule WHERE name = $1`,
        [queue],
      );
    await near.schedule('report', '1 2 * * *', { type: 'report', n: 1 });
    await near.schedule('report', '3 4 * * 1', { type: 'report', n: 2 }, { tz: 'Asia/Tokyo' });
    expect(await find()).toEqual([
      { key: 'report', cron: '3 4 * * 1', timezone: 'Asia/Tokyo', job: { type: 'report', n: 2 } },
    ]);
    await near.unschedule('report');
    await near.unschedule('report');

    expect(await find()).toEqual([]);
  });

  it('should be refused by name: what is no expression, no zone, no job', async () => {
    const { near } = await fleet.pair();
    const job = { type: 'report' };
    const refused: readonly [unknown[], object][] = [
      [['', '* * * * *', job], { option: 'name' }],
      [['a b', '* * * * *', job], { option: 'name' }],
      [['a', '', job], { option: 'cron' }],
      [['a', 'every day', job], { option: 'cron' }],
      [['a', '61 * * * *', job], { option: 'cron' }],
      [['a', '*/10 * * * * *', job], { option: 'cron' }],
      [['a', '* * * * *', job, { tz: 'Europe/Nowhere' }], { option: 'tz' }],
      [['a', '* * * * *', job, { tz: 1 }], { option: 'tz' }],
      [['a', '* * * * *', job, { zone: 'UTC' }], { option: 'zone' }],
      [['a', '* * * * *', {}], { code: 'ERR_RXVISOR_INVALID_PAYLOAD' }],
    ];
    for (const [args, expected] of refused) {
      await expect(
        near.schedule(...(args as Parameters<typeof near.schedule>)),
      ).rejects.toMatchObject({ code: 'ERR_RXVISOR_INVALID_OPTION', ...expected });
    }
  });
});
