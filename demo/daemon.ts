// A daemon as one would put it in production: `npx rxvisor run demo/daemon.ts`. It serves health and
// readiness by HTTP, and polls an upstream that may be down; see demo/systemd and demo/container.
import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { ignoreElements, interval, tap } from 'rxjs';
import { type TaskContext, exponential, runtime } from 'rxvisor';

const { HOST = '127.0.0.1', PORT = '8080', POLL_EVERY = '10000', DRAIN = '1000' } = process.env;
let { UPSTREAM } = process.env; // itself, unless told
let latest = { status: 0, took: 0 };

/** GET /health: the process lives. GET /ready: send me requests. GET /: what was polled last. */
async function web({ signal, ready }: TaskContext): Promise<void> {
  const server = createServer(({ url }, response) => {
    const isReady = runtime.state === 'running' && runtime.tasks().every((task) => task.ready);
    if (url === '/health') answer(response, 200, 'alive');
    else if (url === '/ready') answer(response, isReady ? 200 : 503, runtime.tasks());
    else answer(response, url === '/' ? 200 : 404, latest);
  });
  // An error here, as of an address in use, is a crash: it's restarted, five times at most.
  await once(server.listen(Number(PORT), HOST), 'listening');
  const { address, port } = server.address() as AddressInfo;
  console.log(`listening on http://${address}:${port}`);
  UPSTREAM ??= `http://${address}:${port}/health`;
  ready();
  await once(signal, 'abort');

  // Not ready any more: let the load balancer notice, answer what has come, and leave.
  await setTimeout(Number(DRAIN));
  const closed = once(server.close(), 'close');
  await Promise.race([closed, setTimeout(2_000)]);
  server.closeAllConnections();
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body, (key, value: unknown) =>
    key === 'lastError' ? String(value) : value,
  );
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${text}\n`);
}

/** Crashes when the upstream is down or slow, and is started again: after 1 s, 2 s, 4 s, … 30 s. */
async function poller({ signal, ready }: TaskContext): Promise<void> {
  while (UPSTREAM) {
    const began = Date.now();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const { ok, status } = await fetch(UPSTREAM, { signal: limit });
    if (!ok) throw new Error(`${UPSTREAM} answers ${status}`);
    latest = { status, took: Date.now() - began };
    ready();
    await setTimeout(Number(POLL_EVERY), undefined, { signal });
  }
}

/** An Observable is a payload, too. */
const report$ = interval(60_000).pipe(
  tap(() => console.log(`${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`)),
  ignoreElements(),
);

// Started in this order, stopped in reverse, restarted apart. Without its web the daemon is of no
// use, so when that fails for good the daemon ends with exit code 1, for systemd to start it anew.
export default [
  { name: 'web', payload: web, awaitReady: true, maxRestarts: 5, significant: true },
  {
    name: 'poller',
    payload: poller,
    after: ['web'],
    awaitReady: true,
    backoff: exponential({ initial: 1_000, max: 30_000, jitter: 'equal' }),
  },
  { name: 'report', payload: report$, after: ['web'] },
];
