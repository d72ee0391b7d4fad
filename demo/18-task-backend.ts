// The same jobs inline, tracked in this process, or in a database that a fleet shares: it's one line that
// says so. Inline their submitter waits until they're done; else they're done meanwhile, and awaited.
import { setTimeout } from 'node:timers/promises';
import { filter, firstValueFrom, interval } from 'rxjs';
import { AsyncTaskBackend, SyncTaskBackend, type TaskBackend } from 'rxvisor';
import { BrokerTaskBackend } from 'rxvisor/broker';

async function greet(backend: TaskBackend): Promise<void> {
  console.log(backend.constructor.name);
  backend.setExecutor('mail', async ({ to }) => {
    await setTimeout(20);
    console.log('  mail to', to);
  });
  await backend.initialize();

  const everybody = ['anna@x.org', 'bert@x.org'];
  await Promise.all(everybody.map((to) => backend.submit({ type: 'mail', to })));
  console.log(`  submitted, ${backend.inflight} under way`);

  // A database would keep what is left; this one is gone with the process.
  await firstValueFrom(interval(10).pipe(filter(() => backend.inflight === 0)));
  await backend.shutdown();
}

await greet(new SyncTaskBackend());
await greet(new AsyncTaskBackend({ concurrency: 8 }));
await greet(new BrokerTaskBackend({ dataDir: 'memory://' })); // or { connectionString }

// Output:
// SyncTaskBackend
//   mail to anna@x.org
//   mail to bert@x.org
//   submitted, 0 under way
// AsyncTaskBackend
//   submitted, 2 under way
//   mail to anna@x.org
//   mail to bert@x.org
// BrokerTaskBackend
//   submitted, 2 under way
//   mail to anna@x.org
//   mail to bert@x.org
