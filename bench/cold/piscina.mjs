import { Piscina } from 'piscina';

const filename = new URL('../workers/work.mjs', import.meta.url).href;
const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
await pool.run(42, { name: 'noop' });
process.send(performance.now(), () => process.exit());
