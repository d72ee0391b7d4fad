import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  getDefaultTaskBackend,
  setDefaultTaskBackend,
} from '../../src/backends/default-task-backend.js';
import { AsyncTaskBackend } from '../../src/backends/async-task-backend.js';
import { SyncTaskBackend } from '../../src/backends/sync-task-backend.js';
import { BackendClosedError, InvalidOptionError, RunnerStateError } from '../../src/errors.js';
import { Runner } from '../../src/runner/runner.js';

let warnings: jest.SpiedFunction<typeof process.emitWarning>;
const codes = () => warnings.mock.calls.map(([, options]) => (options as { code: string }).code);

beforeEach(() => {
  warnings = jest.spyOn(process, 'emitWarning').mockReturnValue();
});

afterEach(() => {
  warnings.mockRestore();
});

describe('SyncTaskBackend', () => {
  it('should have done a job when its submitter goes on, without being initialized', async () => {
    const backend = new SyncTaskBackend();
    const order: string[] = [];
    backend.setExecutor(async ({ type }) => {
      order.push(`${type} begins`);
      await Promise.resolve();
      order.push(`${type} ends`);
    });
    await backend.submit({ type: 'a' });
    order.push('submitted');
    await backend.submit({ type: 'b' });

    expect(order).toEqual(['a begins', 'a ends', 'submitted', 'b begins', 'b ends']);
    expect(codes()).toEqual([]);
  });

  it('should do what a job submits within that', async () => {
    const backend = new SyncTaskBackend();
    const order: string[] = [];
    backend.setExecutor(async ({ type }) => {
      if (type === 'outer') await backend.submit({ type: 'inner' });
      order.push(type);
    });
    await backend.submit({ type: 'outer' });

    expect(order).toEqual(['inner', 'outer']);
  });

  it('should warn of what fails, and of what is dropped', async () => {
    const backend = new SyncTaskBackend();
    await backend.submit({ type: 'mail' });
    backend.setExecutor(() => {
      throw new Error('boom');
    });
    await backend.submit({ type: 'mail' });

    expect(codes()).toEqual(['RXVISOR_JOB_DROPPED', 'RXVISOR_JOB_FAILED']);
  });

  it('should tell its jobs in the events of the runner that it’s given', async () => {
    const runner = new Runner();
    const told: string[] = [];
    runner.events$.subscribe((event) =>
      told.push(`${event.type} ${'task' in event ? event.task : ''}`),
    );
    void runner.run();
    const backend = new SyncTaskBackend({ runner });
    backend.setExecutor(() => undefined);
    await backend.submit({ type: 'mail' });

    expect(told).toEqual(['up ', 'start job:mail', 'exit job:mail']);
    await runner.shutdown();
    await expect(backend.submit({ type: 'mail' })).rejects.toThrow(RunnerStateError);
  });

  it('should wait for what runs before it has shut down, and take nothing more then', async () => {
    const backend = new SyncTaskBackend();
    let end: () => void = () => undefined;
    backend.setExecutor(() => new Promise<void>((resolve) => (end = resolve)));
    const submitted = backend.submit({ type: 'mail' });
    let isClosed = false;
    const closed = backend.shutdown().then(() => (isClosed = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isClosed).toBe(false);
    end();
    await Promise.all([submitted, closed]);

    await expect(backend.submit({ type: 'mail' })).rejects.toThrow(BackendClosedError);
    await expect(backend.initialize()).rejects.toThrow(BackendClosedError);
  });

  it('should refuse options that there are not', () => {
    expect(() => new SyncTaskBackend({ concurrency: 1 } as never)).toThrow(InvalidOptionError);
  });
});

describe('the default backend', () => {
  afterEach(() => {
    setDefaultTaskBackend(undefined);
  });

  it('should be an inline one, and the same each time', () => {
    expect(getDefaultTaskBackend()).toBeInstanceOf(SyncTaskBackend);
    expect(getDefaultTaskBackend()).toBe(getDefaultTaskBackend());
  });

  it('should be the one that is set, until none is', () => {
    const backend = new AsyncTaskBackend();
    setDefaultTaskBackend(backend);
    expect(getDefaultTaskBackend()).toBe(backend);
    setDefaultTaskBackend(undefined);

    expect(getDefaultTaskBackend()).toBeInstanceOf(SyncTaskBackend);
  });

  it('should refuse what is no backend', () => {
    expect(() => {
      setDefaultTaskBackend({} as never);
    }).toThrow(/option "backend"/);
  });
});
