import { Worker, spawn } from 'threads';

const thread = await spawn(new Worker('../workers/threads.mjs'));
await thread.noop(42);
process.send(performance.now(), () => process.exit());
