import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ROOT, endAll, start } from '../process.js';

afterEach(endAll);

/** Runs the demo as its reader would, and finds out where it listens. */
async function runDemo(env: Record<string, string> = {}) {
  const daemon = start(['run', 'demo/daemon.ts'], {
    cwd: ROOT,
    env: { PORT: '0', DRAIN: '0', ...env },
  });
  const url = (await daemon.says(/http:\S+(?=\s)/)).trim();
  const ask = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, body: await response.json() };
  };
  return { daemon, ask };
}

/** An upstream that answers as it's told. */
async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

describe('demo/daemon.ts', () => {
  it('is healthy, becomes ready, and stops gracefully', async () => {
    const { daemon, ask } = await runDemo();
    expect(await ask('/health')).toEqual({ status: 200, body: 'alive' });
    await daemon.says(/poller +ready/);
    expect((await ask('/ready')).status).toBe(200);
    expect(await ask('/')).toEqual({
      status: 200,
      body: { status: 200, took: expect.any(Number) },
    });
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    expect(daemon.output).toContain('0 completed, 4 stopped, 0 failed');
  });

  it('is alive and not ready while its upstream is down, and ready again after', async () => {
    let isDown = true;
    const upstream = await serve((_request, response) => {
      response.writeHead(isDown ? 503 : 200).end();
    });
    const { daemon, ask } = await runDemo({ UPSTREAM: upstream.url });
    await daemon.says(/poller +restarting in/);
    expect((await ask('/health')).status).toBe(200);
    const { status, body } = await ask('/ready');
    expect(status).toBe(503);
    expect(body).toContainEqual(
      expect.objectContaining({
        name: 'poller',
        state: 'backoff',
        lastError: `Error: ${upstream.url} answers 503`,
      }),
    );
    isDown = false;
    await daemon.says(/poller +ready/);
    expect((await ask('/ready')).status).toBe(200);
    daemon.signal('SIGINT');
    expect(await daemon.ends()).toBe(0);
    await upstream.close();
  });

  it('stops gracefully in the middle of a request, which is aborted', async () => {
    let asked: () => void = () => undefined;
    const request = new Promise<void>((resolve) => (asked = resolve));
    const upstream = await serve(() => asked());
    const { daemon } = await runDemo({ UPSTREAM: upstream.url });
    await request;
    daemon.signal('SIGTERM');
    expect(await daemon.ends()).toBe(0);
    await upstream.close();
  });

  it('is not ready while it drains, and says so to who asks', async () => {
    const { daemon, ask } = await runDemo({ DRAIN: '1000' });
    await daemon.says(/poller +ready/);
    daemon.signal('SIGTERM');
    await daemon.says(/poller +stopped/);
    expect((await ask('/ready')).status).toBe(503);
    expect(await daemon.ends()).toBe(0);
  });
});
