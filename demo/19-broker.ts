// Jobs in a database, done by whoever has a place free: what they emit is brought to their submitter, or
// watched meanwhile; of one key there's one; and who doesn't want a job any more ends it, wherever it runs.
import { setTimeout } from 'node:timers/promises';
import { firstValueFrom, fromEvent, interval, lastValueFrom, map, of, takeUntil, tap } from 'rxjs';
import { BrokerTaskBackend } from 'rxvisor/broker';

// A PostgreSQL for many machines: { connectionString }. Here it's one within the process.
const backend = new BrokerTaskBackend({ dataDir: 'memory://' });

backend.setExecutor('count', () => of(1, 2, 3));
backend.setExecutor('mail', async ({ to }) => {
  await setTimeout(200);
  console.log('mail to', to);
});
backend.setExecutor('copy', (_, { signal }) => {
  const told$ = fromEvent(signal, 'abort').pipe(tap(() => console.log(signal.reason)));
  return interval(50).pipe(
    map(() => 'copying'),
    takeUntil(told$),
  );
});
await backend.initialize();
const over = (id: string) => lastValueFrom(backend.progress$(id), { defaultValue: undefined });

// Values, completion and error, of a job that may be done on another machine.
await backend.execute({ type: 'count' }).forEach((n) => console.log(n));

// However often it's submitted while it waits or runs.
const mail = { type: 'mail', to: 'anna@x.org' };
const id = await backend.submit(mail, { key: 'welcome anna' });
const sameId = await backend.submit(mail, { key: 'welcome anna' });
console.log(id === sameId ? 'one job' : 'two jobs');
await over(id);

// What it emits is kept by nobody, and seen by those who watch.
const copying = await backend.submit({ type: 'copy' });
console.log(await firstValueFrom(backend.progress$(copying)));
await backend.cancel(copying, 'nobody needs it');
await over(copying);

await backend.shutdown();

// Output:
// 1
// 2
// 3
// one job
// mail to anna@x.org
// copying
// { type: 'stop', message: 'nobody needs it' }
