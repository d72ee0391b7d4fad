// A job that fails is done again after a backoff, on whatever machine; one that has failed for good is a
// letter to whoever looks after it, with its error, and is done once more when that says so.
import { setTimeout } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { StopRestarting, constant } from 'rxvisor';
import { BrokerTaskBackend } from 'rxvisor/broker';

// Attempts that fail are warned of.
process.removeAllListeners('warning').on('warning', ({ message }) => console.log(`! ${message}`));

const backend = new BrokerTaskBackend({ dataDir: 'memory://' }); // or { connectionString }
const account = { isOpen: false };

backend.setExecutor('mail', ({ to }, { attempt }) => {
  if (attempt === 1) throw new Error('greylisted');
  console.log('mail to', to, 'in attempt', attempt);
});
backend.setExecutor('pay', async ({ francs }) => {
  await setTimeout(10);
  // There's no point in trying again: it would be closed then, too.
  if (!account.isOpen) throw new StopRestarting(new Error('the account is closed'));
  console.log('paid', francs);
});
await backend.initialize();
const over = (id: string) => lastValueFrom(backend.progress$(id), { defaultValue: undefined });
const patience = { maxRestarts: 5, backoff: constant(1_000) };

await over(await backend.submit({ type: 'mail', to: 'anna@x.org' }, patience));
await over(await backend.submit({ type: 'pay', francs: 5 }, patience));

for (const { id, job, attempts, error } of await backend.deadLetters()) {
  console.log(job, `failed in attempt ${attempts}:`, (error as Error).message);
  account.isOpen = true;
  await over(await backend.redrive(id));
}
console.log((await backend.deadLetters()).length, 'letters left');
await backend.shutdown();

// Output:
// ! job:mail failed
// mail to anna@x.org in attempt 2
// ! job:pay failed
// { type: 'pay', francs: 5 } failed in attempt 1: the account is closed
// paid 5
// 0 letters left
