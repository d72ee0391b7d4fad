import v8 from 'node:v8';
import vm from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, throwError } from 'rxjs';
import { Runner, constant, defineFlavour } from '../../src/index.js';
import { Clock } from './clock.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const MANY = 100_000;
const MB = 2 ** 20;

const error = new Error('the same each time: its stack is not what is measured');

/** What works a number of times, and the heap that is in use after a tenth of it and after all. */
function measure(work: (times: number) => void): { growth: number; slowdown: number } {
  const began = performance.now();
  work(MANY / 10);
  const first = performance.now() - began;
  collect();
  const before = process.memoryUsage().heapUsed;
  work(MANY - MANY / 10);
  const rest = (performance.now() - began - first) / 9;
  collect();
  return { growth: process.memoryUsage().heapUsed - before, slowdown: rest / first };
}

describe('a runner that goes on and on', () => {
  it('keeps neither memory nor time of 100,000 restarts of one task (I42)', async () => {
    const clock = new Clock();
    const runner = new Runner({ scheduler: clock });
    const crashing$ = throwError(() => error);
    runner.adopt(crashing$, {
      restart: 'on-failure',
      backoff: constant(1),
      maxRestarts: 1_000,
      within: 100,
      flavour: defineFlavour('virtual', clock),
    });
    const over = runner.run();
    const { growth, slowdown } = measure((times) => clock.advance(times));
    expect(runner.tasks()[0]?.restarts).toBeGreaterThanOrEqual(MANY);
    expect(growth).toBeLessThan(2 * MB);
    expect(slowdown).toBeLessThan(10);
    await runner.shutdown();
    await over;
  }, 60_000);

  it('keeps neither memory nor time of 100,000 tasks that have ended (I42)', async () => {
    const clock = new Clock();
    const runner = new Runner({ scheduler: clock });
    const flavour = defineFlavour('virtual', clock);
    const over = runner.run();
    const { growth, slowdown } = measure((times) => {
      for (let i = 0; i < times; i++) {
        runner.adopt(EMPTY, { flavour });
        clock.advance(1);
      }
    });
    const report = await runner.shutdown();
    expect(report.counts.completed).toBe(MANY);
    expect(growth).toBeLessThan(2 * MB);
    expect(slowdown).toBeLessThan(10);
    await over;
  }, 60_000);
});
