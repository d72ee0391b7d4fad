import { describe, expect, it } from '@jest/globals';
import { RunnerStateError } from '../../src/errors.js';
import { markThread } from '../../src/thread/mark.js';

describe('runtime, in a thread', () => {
  it('should refuse to run, and say where to', async () => {
    markThread();
    const { runtime } = await import('../../src/service/runtime.js');
    const run = runtime.run();

    await expect(run).rejects.toBeInstanceOf(RunnerStateError);
    await expect(run).rejects.toThrow(/^the runtime doesn't run in a thread.*in another module/);
    expect(runtime.state).toBe('idle');
    expect((await runtime.shutdown()).counts.completed).toBe(0);
  });
});
