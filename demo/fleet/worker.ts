/** A process of the fleet: does jobs until its parent says stop, or is gone, and tells which. */
import { setTimeout } from 'node:timers/promises';
import { Runner } from 'rxvisor';
import { BrokerTaskBackend } from 'rxvisor/broker';
import { type News, PLACES, type Place, TAKES, type Work } from './work.js';

// Whoever doesn't listen any more is gone, and so will be this process.
const say = (news: News) => process.send?.(news, () => undefined);

// By the environment, which is nobody else's to read: it may hold a password.
const place = JSON.parse(process.env.FLEET_PLACE ?? '{}') as Place;
// In whose events it's told when the database is gone, instead of as a warning: its parent knows of that.
const runner = new Runner();
void runner.run();
const backend = new BrokerTaskBackend<Work>({
  ...place,
  runner,
  concurrency: PLACES,
  shutdownTimeout: 1_000,
});
backend.setExecutor(async ({ n }, { signal }) => {
  say({ type: 'begun', n, at: Date.now() });
  await setTimeout(TAKES, undefined, { signal });
  say({ type: 'done', n });
});

async function stop(): Promise<void> {
  await backend.shutdown();
  await runner.shutdown();
  if (process.connected) process.disconnect();
}

// Ctrl-C reaches every process of the terminal; when this one ends is for its parent to say.
process.on('SIGINT', () => undefined);
process.on('message', () => void stop());
process.on('disconnect', () => void stop());
await backend.initialize();
say({ type: 'ready' });
