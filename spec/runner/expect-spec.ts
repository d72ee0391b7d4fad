import { describe, expect, it } from '@jest/globals';
import { Runner } from '../../src/index.js';
import { expectAdoption } from '../../src/runner/expect.js';
import { turn } from './support.js';

describe('expectAdoption', () => {
  it('should keep a runner from being idle until all that is expected has come', async () => {
    const runner = new Runner();
    const arrivals = [expectAdoption(runner), expectAdoption(runner)];
    const run = runner.run({ until: 'idle' });
    for (const arrived of arrivals) {
      await turn();
      expect(runner.state).toBe('running');
      arrived();
    }

    expect((await run).reason).toEqual({ type: 'idle' });
  });

  it('should not be idle by it when something has been adopted meanwhile', async () => {
    const runner = new Runner();
    const arrived = expectAdoption(runner);
    const run = runner.run({ until: 'idle' });
    runner.adopt(() => turn(), { name: 'task' });
    arrived();
    expect(runner.state).toBe('running');

    expect((await run).counts.completed).toBe(1);
  });

  it('should keep no runner from stopping when it’s told to', async () => {
    const runner = new Runner();
    const arrived = expectAdoption(runner);
    const run = runner.run({ until: 'idle' });
    await runner.shutdown();
    arrived();

    expect((await run).reason).toEqual({ type: 'shutdown' });
  });

  it('should not stop a runner that waits for a stop', async () => {
    await using runner = new Runner();
    void runner.run();
    expectAdoption(runner)();
    await turn();

    expect(runner.state).toBe('running');
  });
});
