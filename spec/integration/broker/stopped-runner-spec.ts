import { describe, expect, it } from '@jest/globals';
import { Runner } from 'rxvisor';
import { until, useFleet } from './fleet.js';

const COUNT = 200;

describe('a broker whose runner has stopped before it', () => {
  const fleet = useFleet();

  it('gives back what it had begun, takes nothing more, and others do all of it', async () => {
    const runner = new Runner();
    const running = runner.run();
    const queue = 'of-a-runner';
    const near = await fleet.open({ queue });
    const far = await fleet.open({ queue, runner, concurrency: 5 });
    await Promise.all(Array.from({ length: COUNT }, (_, n) => near.submit({ type: 'job', n })));
    const begun: unknown[] = [];
    far.setExecutor(({ n }, { signal }) => {
      begun.push(n);
      return new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    await until(() => begun.length === 5);
    await runner.shutdown();
    await running;
    const states = () =>
      fleet.query(
        `SELECT state::text, max(retry_count) AS retries, count(*)::int AS count
         FROM rxvisor.job WHERE name = $1 GROUP BY state`,
        [queue],
      );
    await until(async () => (await states()).length === 1);

    expect(await states()).toEqual([{ state: 'created', retries: 0, count: COUNT }]);
    const done: unknown[] = [];
    near.setExecutor(({ n }) => void done.push(n));
    await until(() => near.inflight === 0);

    expect(new Set(done).size).toBe(COUNT);
    expect(done.length).toBe(COUNT);
    const { unfinished } = await far.shutdown();
    expect(unfinished.length).toBe(5);
  });
});
