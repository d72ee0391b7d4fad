// What computes for long belongs on a thread: `threaded` makes payloads of the functions of a module,
// arguments and results inferred. Executions share a pool; what goes wrong there is an error here.
import { type Observable, catchError, from, lastValueFrom, mergeMap, of, toArray } from 'rxjs';
import { Runner, WorkerCrashError, threaded } from 'rxvisor';

const primes = threaded<typeof import('./workers/primes.js')>(
  new URL('./workers/primes.ts', import.meta.url),
);

const runner = new Runner({ threads: { size: 2 } });
void runner.run();

// The main thread is free meanwhile.
let ticks = 0;
const clock = setInterval(() => ticks++, 1);
const counts$ = from([100, 10_000, 10_000_000]).pipe(
  mergeMap((limit) => runner.execute(primes.countPrimes(limit))),
  toArray(),
);
const counts = await lastValueFrom(counts$);
clearInterval(clock);
console.log(counts.sort((a, b) => a - b));
console.log(ticks > 0 ? 'the clock ticked' : 'the clock stood still');

// Errors arrive as they are, with the stack of both sides; a thread that dies is an error, too, of what
// ran on it. The next one gets another thread.
function explain(error: unknown): Observable<string> {
  if (error instanceof RangeError) return of(`out of range: ${error.message}`);
  if (!(error instanceof WorkerCrashError)) throw error;
  return of(`died: ${error.reason}, exit code ${error.exitCode}`);
}

for (const payload of [primes.countPrimes(1e9), primes.exit(3), primes.countPrimes(1_000)]) {
  console.log(await lastValueFrom(runner.execute(payload).pipe(catchError(explain))));
}

const { counts: executions } = await runner.shutdown();
console.log(executions);

// Output:
// [ 25, 1229, 664579 ]
// the clock ticked
// out of range: 1000000000 is too far
// died: exit, exit code 3
// 168
// { completed: 4, stopped: 0, failed: 2 }
