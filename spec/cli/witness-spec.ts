import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
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
    const othersAreUnderWay = firstValueFrom(
      runner.events$.pipe(filter((event) => event.type === 'exit' && event.task === 'done')),
    );
    runner.adopt(() => undefined, { name: 'done' });
    runner.adopt(() => othersAreUnderWay.then(crash), { name: 'fatal' });
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
    const started = firstValueFrom(runner.events$.pipe(filter(({ type }) => type === 'start')));
    const running = runner.run();
    await started;
    await runner.shutdown();
    await running;

    expect(seen(witness)).toEqual([['steady', 'running', 'stopped', undefined]]);
  });

  it('should know which adopted tasks have failed for good, with what, while the runner went on', async () => {
    const runner = new Runner();
    const witness = new Witness(runner);
    const ill = new Error('ill');
    const failWith = (error: unknown) => () => {
      throw error;
    };
    for (const error of [ill, 'ill', undefined]) {
      runner.adopt(failWith(error), { name: `with ${error}`, errors: 'deliver' }).subscribe({
        error: () => undefined,
      });
    }
    runner.execute(failWith(ill), { name: 'x' }).subscribe({ error: () => undefined });
    await runner.run({ until: 'idle' });

    expect(witness.hasLost({ task: 'with Error: ill', error: ill })).toBe(true);
    expect(witness.hasLost({ task: 'with ill', error: 'ill' })).toBe(true);
    expect(witness.hasLost({ task: 'with undefined', error: undefined })).toBe(true);
    expect(witness.hasLost({ task: 'with ill', error: ill })).toBe(false);
    expect(witness.hasLost({ task: 'x', error: ill })).toBe(false);
    expect(witness.hasLost({ task: 'with Error: ill', error: new Error('ill') })).toBe(false);
  });

  it('should not count what failed fatally', async () => {
    const runner = new Runner();
    const witness = new Witness(runner);
    const fail = () => {
      throw 'ill';
    };
    runner.adopt(fail, { name: 'fatal' });
    await runner.run().catch(() => undefined);

    expect(witness.hasLost({ task: 'fatal', error: 'ill' })).toBe(false);
  });
});
