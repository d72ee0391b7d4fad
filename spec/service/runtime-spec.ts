import { describe, expect, it, jest } from '@jest/globals';
import { Runner, type TaskContext, runtime, service } from '../../src/index.js';

describe('runtime', () => {
  it('should be a runner that nobody has run, under a name that no other copy makes anew', () => {
    expect(runtime).toBeInstanceOf(Runner);
    expect(runtime.state).toBe('idle');
    expect((globalThis as Record<symbol, unknown>)[Symbol.for('rxvisor.runtime')]).toBe(runtime);
    expect(Object.keys(globalThis)).not.toContain('runtime');
  });

  it('should adopt what names no other runner, and run it', async () => {
    const ran = jest.fn();
    @service({ restart: 'on-failure' })
    class Poller {
      run({ name }: TaskContext) {
        ran(name);
      }
    }
    new Poller();
    const { counts } = await runtime.run({ until: 'idle' });

    expect(ran.mock.calls).toEqual([['Poller']]);
    expect(counts.completed).toBe(1);
    expect(() => new Poller()).toThrow('its runner is stopped');
  });
});
