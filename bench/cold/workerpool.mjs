import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

const file = fileURLToPath(new URL('../workers/workerpool.mjs', import.meta.url));
const pool = workerpool.pool(file, { workerType: 'thread', maxWorkers: 1 });
await pool.exec('noop', [42]);
process.send(performance.now(), () => process.exit());
