import { describe, expect, it } from '@jest/globals';
import { Runner } from '../../src/index.js';
import { Witness } from '../../src/cli/witness.js';
import type { TaskContext } from '../../src/task/shapes.js';

const untilStopped = ({ signal }: TaskContext) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });

const seen = ({ bystanders }: Witness) =>
  Array.from(bystanders.values(), ({ info, end, overdue }) => [
    info.name,
    info.state,
    end?.outcome,
    overdue,
  ]);

describe('Witness', () => {
  it('should know whether there has been anything to run', async () => {
    const runner = new Runner();
    const witness = new Witness(runner);

    expect(witness.hasSomethingToRun).toBe(false);
    runner.adopt(() => undefined, { name: 'waiting' });
    expect(witness.hasSomethingToRun).toBe(true);
    await runner.run({ until: 'idle' });
    expect(runner.tasks()).toEqual([]);
    expect(witness.hasSomethingToRun).toBe(true);
  });

  it('should see who lived when a task failed, in what state, and how they ended', async () => {
    const runner = new Runner();
    const witness = new Witness(runner);
    runner.adopt(untilStopped, { name: 'steady' });
    runner.adopt(() => new Promise(() => undefined), { name: 'stubborn', grace: 1 });
    const crash = () => {
      throw new Error('again');
    };
    runner.adopt(crash, { name: 'flapping', restart: 'on-failure', backoff: () => 60_000 });
    runner.adopt(() => undefined, { name: 'done' });
    runner.adopt(crash, { name: 'fatal', flavour: 'async' });
    await runner.run().catch(() => undefined);

    expect(seen(witness)).toEqual([
      ['steady', 'running', 'stopped', undefined],
      ['stubborn', 'running', 'stopped', true],
      ['flapping', 'backoff', 'stopped', undefined],
    ]);
  });

  it('should see who lived when the shutdown began, if nothing had failed', async () => {
    const runner = new Runner();
    const witness = new Witness(runner);
    runner.adopt(untilStopped, { name: 'steady' });
    const running = runner.run();
    await new Promise((resolve) => setImmediate(resolve));
    await runner.shutdown();
    await running;

    expect(seen(witness)).toEqual([['steady', 'running', 'stopped', undefined]]);
  });

  it('should keep the failed lives that were not fatal, of adopted tasks alone', async () => {
    const runner = new Runner();
    const witness = new Witness(runner);
    const fail = () => {
      throw new Error('ill');
    };
    runner.adopt(fail, { name: 'taken', errors: 'deliver' }).subscribe({ error: () => undefined });
    runner.execute(fail, { name: 'executed' }).subscribe({ error: () => undefined });
    await runner.run({ until: 'idle' });

    expect(witness.failedMembers.map(({ task }) => task)).toEqual(['taken']);
  });
});
