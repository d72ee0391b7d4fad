import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Runner, type TaskContext } from 'rxvisor';

// Node's fetch gives the reason of an abort a stack before it rejects with it.
describe('a task in the middle of a request', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['its signal', ({ signal }: TaskContext) => signal],
    [
      'one of several signals',
      ({ signal }: TaskContext) => AbortSignal.any([signal, new AbortController().signal]),
    ],
  ])('should be stopped gracefully by %s', async (_, toSignal) => {
    const runner = new Runner();
    const asked = once(server, 'request');
    const running = runner.run();
    runner.adopt((context) => fetch(url, { signal: toSignal(context) }), { name: 'fetching' });
    await asked;
    void runner.shutdown('enough');

    expect(await running).toMatchObject({ failures: [], tolerated: [], counts: { stopped: 1 } });
  });

  it('should know its reason by what it says, and events tell one that nobody can change', async () => {
    const runner = new Runner();
    const reasons: unknown[] = [];
    runner.events$.subscribe((event) => {
      if (event.type === 'stopping') reasons.push(event.reason);
    });
    const running = runner.run();
    runner.adopt(async ({ signal }) => {
      await once(signal, 'abort');
      Error.captureStackTrace(signal.reason as object);
      reasons.push(signal.reason);
      throw signal.reason;
    });
    await new Promise((resolve) => setTimeout(resolve, 1));
    void runner.shutdown('enough');

    expect((await running).failures).toEqual([]);
    expect(reasons).toEqual([
      { type: 'shutdown', message: 'enough' },
      { type: 'shutdown', message: 'enough' },
    ]);
    expect(reasons[0]).toBe(reasons[1]);
    expect(() => Object.assign(reasons[0] as object, { type: 'stop' })).toThrow(TypeError);
  });
});
