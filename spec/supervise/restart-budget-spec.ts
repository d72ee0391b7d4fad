import { describe, expect, it } from '@jest/globals';
import { RestartBudget } from '../../src/supervise/restart-budget.js';

describe('RestartBudget', () => {
  const takeAll = (budget: RestartBudget, times: readonly number[]) =>
    times.map((now) => budget.take(now));

  it('should grant none with a limit of 0', () => {
    expect(takeAll(new RestartBudget(0, 100), [0, 1_000])).toEqual([false, false]);
  });

  it('should grant one in a window with a limit of 1', () => {
    expect(takeAll(new RestartBudget(1, 100), [0, 50, 101])).toEqual([true, false, true]);
  });

  it('should grant many in a window with a limit of many', () => {
    expect(takeAll(new RestartBudget(3, 100), [0, 10, 20, 30])).toEqual([true, true, true, false]);
  });

  it('should grant everything without a limit', () => {
    const budget = new RestartBudget(Infinity, 100);

    expect(takeAll(budget, new Array(1_000).fill(0))).not.toContain(false);
  });

  it('should still count a restart that is exactly `within` old, and no older one', () => {
    expect(takeAll(new RestartBudget(1, 100), [0, 100])).toEqual([true, false]);
    expect(takeAll(new RestartBudget(1, 100), [0, 101])).toEqual([true, true]);
  });

  it('should count only what happened at the same time within 0', () => {
    expect(takeAll(new RestartBudget(1, 0), [5, 5, 6])).toEqual([true, false, true]);
  });

  it('should slide: the window begins with no restart in particular (PITFALLS B9)', () => {
    // Four in 200, but never three in 100.
    expect(takeAll(new RestartBudget(2, 100), [0, 90, 110, 120, 191, 192])).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('should not count what it has refused', () => {
    expect(takeAll(new RestartBudget(1, 100), [0, 50, 99, 101])).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('should be whole again after a reset (PITFALLS B7)', () => {
    const budget = new RestartBudget(2, 100);
    takeAll(budget, [0, 1]);

    budget.reset();

    expect(takeAll(budget, [2, 3, 4])).toEqual([true, true, false]);
  });

  it('should count from the oldest again after a reset, also when the window had slid', () => {
    const budget = new RestartBudget(2, 100);
    takeAll(budget, [0, 10, 101]);

    budget.reset();

    expect(takeAll(budget, [200, 290, 301, 302])).toEqual([true, true, true, false]);
  });

  it('should hold nothing when there is no limit', () => {
    const budget = new RestartBudget(Infinity, 60_000);
    const before = process.memoryUsage().heapUsed;

    for (let now = 0; now < 5_000_000; now++) budget.take(now);

    // A stamp for each would be 40 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  });

  it('should not refuse an ordinary restart because the clock was put back (PITFALLS A19)', () => {
    // Three in an hour and a half are no storm, whatever the clock says.
    expect(takeAll(new RestartBudget(2, 60_000), [3_600_000, 6_000_000, 3_000_000])).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('should still refuse a storm after the clock was put back (PITFALLS A19)', () => {
    const budget = new RestartBudget(2, 60_000);
    takeAll(budget, [3_600_000, 6_000_000]);

    expect(takeAll(budget, [3_000_000, 3_000_001, 3_000_002, 3_000_003])).toContain(false);
  });

  it('should grant exactly what the log of its restarts leaves room for (PITFALLS B18)', () => {
    const limit = 5;
    const within = 100;
    const budget = new RestartBudget(limit, within);
    const granted: number[] = [];
    let now = 0;
    let seed = 7;
    for (let i = 0; i < 5_000; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      now += seed % 40;
      const inWindow = granted.filter((at) => at >= now - within).length;
      const isGranted = budget.take(now);
      if (isGranted !== inWindow < limit) throw new Error(`wrong at ${now}: ${inWindow} before`);
      if (isGranted) granted.push(now);
    }
    expect(granted.length).toBeGreaterThan(limit);
    expect(granted.length).toBeLessThan(5_000);
  });

  it('should take time in proportion to the restarts, not to their square (PITFALLS B21)', () => {
    // As many in the window as it can hold, each new one pushing out an old one. CPU time, in ms.
    const spend = (limit: number) => {
      const budget = new RestartBudget(limit, limit);
      const before = process.cpuUsage();
      for (let now = 0; now < limit * 3; now++) budget.take(now);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    spend(1_000);

    // A filter over the window takes some 400 s for this, and shifting an array 1.5 s and more.
    const small = Math.min(spend(10_000), spend(10_000), spend(10_000));
    const large = Math.min(spend(200_000), spend(200_000), spend(200_000));

    expect(large).toBeLessThan(Math.max(small, 1) * 20 * 10);
  });
});
