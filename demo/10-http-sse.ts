// Embedded in an HTTP server: the lifecycle as server-sent events, and a polite end. Readiness is off
// before the drain; after it streams are ended, keep-alive connections closed, and the runner is down.
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fromEvent, merge, takeUntil } from 'rxjs';
import { type LifecycleEvent, Runner, type TaskContext } from 'rxvisor';

const runner = new Runner();
const server = createServer();

async function web({ signal, ready }: TaskContext): Promise<void> {
  const stream = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const end$ = merge(fromEvent(response, 'close'), fromEvent(server, 'end of drain'));
    runner.events$.pipe(takeUntil(end$)).subscribe({
      next: (event) => response.write(`data: ${JSON.stringify(event)}\n\n`),
      complete: () => response.end(),
    });
  };
  server.on('request', ({ url }, response) => {
    if (url === '/events') stream(response);
    else response.writeHead(signal.aborted ? 503 : 200).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ready();
  await once(signal, 'abort'); // from now on it says that it isn't ready
  await setTimeout(1_000); // until the load balancer has noticed
  server.emit('end of drain');
  server.close().closeAllConnections();
}

runner.adopt(web, { awaitReady: true });
void runner.run();
await once(server, 'listening');

// Somebody who watches, and a load balancer that asks.
const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
const askReady = async () => console.log('ready?', (await fetch(`${url}/ready`)).status);
const [input] = (await once(get(`${url}/events`), 'response')) as [IncomingMessage];
runner.adopt(() => undefined, { name: 'backup' });
for await (const line of createInterface({ input })) {
  if (!line.startsWith('data: ')) continue;
  const event = JSON.parse(line.slice(6)) as LifecycleEvent;
  console.log(event.type, 'task' in event ? event.task : '');
  if (event.type === 'exit') await askReady().then(() => void runner.shutdown('a new release'));
  if (event.type === 'stopping') await askReady();
}
console.log((await runner.shutdown()).counts);

// Output:
// start backup
// exit backup
// ready? 200
// shutdown
// stopping web
// ready? 503
// { completed: 1, stopped: 1, failed: 0 }
