import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type ExitEvent, type LifecycleEvent, Runner } from 'rxvisor';
import type { BrokerTaskBackend } from 'rxvisor/broker';
import { until, useFleet } from './fleet.js';

jest.setTimeout(60_000);
const warnings = jest.spyOn(process, 'emitWarning').mockReturnValue();

const WORKER = join(import.meta.dirname, '../../fixtures/broker/worker.mjs');

const fleet = useFleet();

afterEach(() => {
  warnings.mockClear();
});

/** Has jobs wait for their end. */
function linger(backend: BrokerTaskBackend) {
  const reasons: unknown[] = [];
  const attempts: number[] = [];
  backend.setExecutor((_, { signal, attempt }) => {
    attempts.push(attempt);
    return new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason);
        resolve();
      });
    });
  });
  return { reasons, attempts };
}

describe('a cancelled job', () => {
  it('should be gone at once if it waits, and its key be free', async () => {
    const { near, far, queue } = await fleet.pair();
    const id = await near.submit({ type: 'mail', n: 1 }, { key: 'a' });
    expect(await far.cancel(id, 'not wanted')).toBe(true);
    await until(() => near.inflight === 0);
    const other = await near.submit({ type: 'mail', n: 2 }, { key: 'a' });
    const seen: unknown[] = [];
    const third = await fleet.open({ queue });
    third.setExecutor(({ n }) => void seen.push(n));
    await until(() => near.inflight === 0);

    expect(other).not.toBe(id);
    expect(seen).toEqual([2]);
    expect(await fleet.stateOf(id)).toBe('cancelled');
    expect(await near.deadLetters()).toEqual([]);
  });

  it('should be gone, too, if it waits to be done again', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => {
      throw new Error('boom');
    });
    const id = await near.submit({ type: 'mail' }, { backoff: () => 60_000 });
    await until(async () => (await fleet.stateOf(id)) === 'retry');
    expect(await near.cancel(id)).toBe(true);

    await until(() => near.inflight === 0);
    expect(await fleet.stateOf(id)).toBe('cancelled');
  });

  it('should hear of it within a second where it runs, and why; it has stopped, and neither failed nor is done again', async () => {
    const runner = new Runner();
    const running = runner.run();
    const events: LifecycleEvent[] = [];
    runner.events$.subscribe((event) => events.push(event));
    const { near, far } = await fleet.pair({ runner });
    const { reasons, attempts } = linger(far);
    const cause = new RangeError('quota');
    const id = await near.submit({ type: 'mail' }, { restart: 'always', backoff: () => 0 });
    await until(() => attempts.length === 1);
    const start = performance.now();
    expect(await near.cancel(id, { message: 'not wanted', cause })).toBe(true);
    await until(() => reasons.length === 1);
    const took = performance.now() - start;
    await until(async () => (await fleet.stateOf(id)) === 'cancelled');
    await until(() => near.inflight === 0);

    expect(took).toBeLessThan(1_000);
    expect(reasons).toMatchObject([
      { type: 'stop', message: 'not wanted', cause: { name: 'RangeError', message: 'quota' } },
    ]);
    const exits = events.filter(({ type }) => type === 'exit') as ExitEvent[];
    expect(exits.map(({ outcome }) => outcome)).toEqual(['stopped']);
    expect(attempts).toEqual([1]);
    expect(await near.deadLetters()).toEqual([]);
    expect(warnings).not.toHaveBeenCalled();
    await fleet.clear();
    await runner.shutdown();
    await running;
  });

  it('should hear of it within a second though nobody was told', async () => {
    const { near, far } = await fleet.pair();
    const { reasons, attempts } = linger(far);
    const id = await near.submit({ type: 'mail' });
    await until(() => attempts.length === 1);
    const start = performance.now();
    await fleet.query(
      `UPDATE rxvisor.job SET data = jsonb_set(data, '{cancelled}', '{ "type": "stop", "message": "m" }')
       WHERE id = $1`,
      [id],
    );
    await until(() => reasons.length === 1);

    expect(performance.now() - start).toBeLessThan(1_000);
    expect(reasons).toEqual([{ type: 'stop', message: 'm' }]);
  });

  it('should not wait for its next attempt if it fails before it has heard of it', async () => {
    const { near, far } = await fleet.pair();
    let fail: (error: Error) => void = () => undefined;
    const attempts: number[] = [];
    far.setExecutor((_, { attempt }) => {
      attempts.push(attempt);
      return new Promise((_resolve, reject) => (fail = reject));
    });
    const id = await near.submit({ type: 'mail' }, { backoff: () => 60_000 });
    await until(() => attempts.length === 1);
    await fleet.query(
      `UPDATE rxvisor.job SET data = jsonb_set(data, '{cancelled}', '{ "type": "stop" }') WHERE id = $1`,
      [id],
    );
    fail(new Error('boom'));
    await until(async () => (await fleet.stateOf(id)) === 'cancelled');

    expect(attempts).toEqual([1]);
  });

  it('should not be done again if it fails while it stops', async () => {
    const { near, far } = await fleet.pair();
    const attempts: number[] = [];
    far.setExecutor((_, { signal, attempt }) => {
      attempts.push(attempt);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('in the middle of it'));
        });
      });
    });
    const id = await near.submit({ type: 'mail' }, { backoff: () => 0 });
    await until(() => attempts.length === 1);
    await near.cancel(id);
    await until(async () => (await fleet.stateOf(id)) === 'cancelled');
    await until(() => near.inflight === 0);

    expect(attempts).toEqual([1]);
    expect(await near.deadLetters()).toEqual([]);
  });

  it('should not be done elsewhere if its machine was lost before it heard of it', async () => {
    const { near, far, queue } = await fleet.pair();
    const child = fork(WORKER, [fleet.url, queue]);
    const [first] = (await once(child, 'message')) as [unknown];
    expect(first).toEqual({ type: 'ready' });
    const id = await near.submit({ type: 'wait' }, { restart: 'always' });
    await once(child, 'message');
    child.kill('SIGSTOP');
    expect(await near.cancel(id)).toBe(true);
    child.kill('SIGKILL');
    const { attempts } = linger(far);
    await until(async () => {
      await fleet.query(
        `UPDATE rxvisor.job SET heartbeat_on = now() - interval '1 minute' WHERE id = $1 AND state = 'active'`,
        [id],
      );
      return (await fleet.stateOf(id)) === 'cancelled';
    });

    expect(attempts).toEqual([]);
  });

  it('should be told in another process', async () => {
    const { near, queue } = await fleet.pair();
    const child = fork(WORKER, [fleet.url, queue]);
    const said: unknown[] = [];
    const id = await near.submit({ type: 'wait' });
    for await (const [message] of on(child, 'message')) {
      said.push(message);
      if ((message as { type: string }).type === 'waiting') await near.cancel(id, 'enough');
      if ((message as { type: string }).type === 'aborted') break;
    }
    child.send('stop');
    await once(child, 'exit');

    expect(said.at(-1)).toEqual({ type: 'aborted', reason: { type: 'stop', message: 'enough' } });
    expect(await fleet.stateOf(id)).toBe('cancelled');
  });

  it.each(['', 'x', undefined, 7, '00000000-0000-4000-8000-000000000000'])(
    'should be none if there is none: %p',
    async (id) => {
      const { near } = await fleet.pair();

      expect(await near.cancel(id as string)).toBe(false);
    },
  );

  it('should be none if it is over already', async () => {
    const { near, far } = await fleet.pair();
    far.setExecutor(() => undefined);
    const id = await near.submit({ type: 'mail' });
    await until(() => near.inflight === 0);

    expect(await near.cancel(id)).toBe(false);
    expect(await fleet.stateOf(id)).toBe('completed');
  });
});
