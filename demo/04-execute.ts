// What is adopted is the runner's care; what is executed is yours: values, completion and the error go
// to the subscriber. Each subscription is one execution, and unsubscribing cancels it.
import { setTimeout } from 'node:timers/promises';
import { catchError, from, lastValueFrom, mergeMap, of, take, toArray } from 'rxjs';
import { Runner, type TaskContext } from 'rxvisor';

const SIZES = new Map([
  ['/index.html', 512],
  ['/logo.svg', 2_048],
]);

async function size(path: string): Promise<number> {
  const bytes = await Promise.resolve(SIZES.get(path));
  if (bytes === undefined) throw new Error(`404 ${path}`);
  return bytes;
}

async function* ticker(label: string, { signal, onTeardown }: TaskContext) {
  onTeardown(() => console.log(`${label}: closed`));
  for (let n = 1; ; n++) {
    yield `${label} ${n}`;
    await setTimeout(1_000_000, undefined, { signal });
  }
}

const runner = new Runner();
void runner.run();

// Arguments and results are inferred. RxJS bounds how many run at a time, and handles errors.
const sizes$ = from(['/index.html', '/missing.png', '/logo.svg']).pipe(
  mergeMap((path) => runner.execute(size, { args: [path] }).pipe(catchError(() => of(0))), 2),
  toArray(),
);
const sizes = await lastValueFrom(sizes$);
console.log(sizes.sort((a, b) => a - b));

// The first value is enough: `take` unsubscribes, which aborts the signal and runs the teardown.
console.log(await lastValueFrom(runner.execute(ticker, { args: ['GOLD'] }).pipe(take(1))));

const { counts } = await runner.shutdown();
console.log(counts);

// Output:
// [ 0, 512, 2048 ]
// GOLD 1
// GOLD: closed
// { completed: 2, stopped: 1, failed: 1 }
