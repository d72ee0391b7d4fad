import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';

const { port1, port2 } = new MessageChannel();
const workerData = { port: port2, batch: 1 };
new Worker(new URL('../workers/port.mjs', import.meta.url), { workerData, transferList: [port2] });
port1.postMessage({ calls: [1, 'noop', 42] });
await once(port1, 'message');
process.send(performance.now(), () => process.exit());
