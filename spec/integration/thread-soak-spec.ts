import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const SOAK = fileURLToPath(new URL('../fixtures/thread-soak/soak.mjs', import.meta.url));
const MEGABYTE = 2 ** 20;

/** `RXVISOR_SOAK` executions, or as many as fit into a test run; 100,000 is what has been promised. */
const total = Number(process.env.RXVISOR_SOAK ?? 20_000);
const seed = Number(process.env.RXVISOR_SEED ?? Math.trunc(Math.random() * 2 ** 31));
/** For each execution 10 times what it takes on two cores. */
const patience = Math.max(300_000, total * 15);

interface Soaked {
  /** Those that have not settled, if it got stuck. */
  readonly stuck?: readonly object[];
  readonly executed: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly crashed: number;
  readonly terminated: number;
  readonly overdue: number;
  readonly wrong: readonly string[];
  /** How many threads there were at a time, and are. */
  readonly most: number;
  readonly alive: number;
  /** After a third of them, and at the end. */
  readonly heaps: readonly [number, number];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

describe(`${total} executions whose threads keep dying (RXVISOR_SEED=${seed})`, () => {
  it(
    'settle once each, with what was asked for, and leave nothing behind',
    async () => {
      const args = ['--no-warnings', SOAK, `${total}`, `${seed}`];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        timeout: patience - 1_000,
        maxBuffer: 64 * MEGABYTE,
      });
      const soaked = JSON.parse(stdout) as Soaked;

      expect(soaked).toMatchObject({ executed: total, wrong: [], alive: 0 });
      const { completed, failed, cancelled, crashed } = soaked;
      expect(completed + failed + cancelled + crashed).toBe(total);
      // It has been what it says.
      const { terminated, overdue } = soaked;
      for (const count of [completed, failed, cancelled, crashed, terminated, overdue]) {
        expect(count).toBeGreaterThan(0);
      }
      expect(soaked.most).toBe(4);
      const [early, late] = soaked.heaps;
      expect(late - early).toBeLessThan(8 * MEGABYTE);
      expect(soaked.after).toEqual(soaked.before);
    },
    patience,
  );
});
