// What a thread emits arrives as it's emitted, and the producer is never more than a window ahead of
// its consumer: an iterable isn't asked for more, and what pushes overflows, by a policy.
import { setTimeout } from 'node:timers/promises';
import { type Observable, catchError, lastValueFrom, of, toArray } from 'rxjs';
import { OverflowError, Runner, threaded } from 'rxvisor';

const url = new URL('./workers/readings.ts', import.meta.url);
const readings = (overflow: 'error' | 'drop-oldest' | 'drop-newest') =>
  threaded<typeof import('./workers/readings.js')>(url, { window: 8, overflow });

const runner = new Runner();
void runner.run();

// Fast there, slow here: a loop has consumed a value when it asks for the next one.
const produced = new Int32Array(new SharedArrayBuffer(4));
const leads: number[] = [];
for await (const n of runner.iterate(readings('error').generate(1_000_000, produced))) {
  await setTimeout(10);
  const consumed = n - 1;
  leads.push(Atomics.load(produced, 0) - consumed);
  if (n === 20) break;
}
console.log(`never more than ${Math.max(...leads)} ahead`);
// Leaving the loop cancels the execution, and waits for that.
console.log(Atomics.load(produced, 0) <= 20 + 8 ? 'stopped' : 'went on');

// A subscriber has when its `next` returns. Whoever pushes doesn't wait for it. What is under way can't
// be dropped any more, so 'drop-oldest' keeps half of the window back.
function explain(error: unknown): Observable<string> {
  return of(error instanceof OverflowError ? 'overflow' : String(error));
}
for (const policy of ['error', 'drop-newest', 'drop-oldest'] as const) {
  const values$ = runner.execute(readings(policy).push(1_000)).pipe(catchError(explain), toArray());
  console.log(`${policy}: ${(await lastValueFrom(values$)).join(' ')}`);
}

await runner.shutdown();

// Output:
// never more than 8 ahead
// stopped
// error: 1 2 3 4 5 6 7 8 overflow
// drop-newest: 1 2 3 4 5 6 7 8
// drop-oldest: 1 2 3 4 997 998 999 1000
