// Unsubscribing reaches the thread: the signal aborts there, teardowns run, and the thread is free for
// the next payload. One that doesn't listen is terminated after its `grace`, even an endless loop.
import { filter, firstValueFrom, lastValueFrom, take } from 'rxjs';
import { Runner, RunnerFailedError, threaded } from 'rxvisor';

const clocks = threaded<typeof import('./workers/clocks.js')>(
  new URL('./workers/clocks.ts', import.meta.url),
);

const runner = new Runner({ threads: { size: 1 } });
const { events$ } = runner;
const ended = runner.run();

const until = (type: string, task: string) =>
  firstValueFrom(
    events$.pipe(filter((event) => event.type === type && 'task' in event && event.task === task)),
  );

// Three ticks are enough, then the same thread serves the next.
const ticks$ = runner.execute(clocks.tick()).pipe(take(3));
ticks$.subscribe((n) => console.log(`tick ${n}`));
await until('exit', 'tick');
console.log(await lastValueFrom(runner.execute(clocks.report())));

// An endless loop hears nothing. Its thread is ended, and another one serves the next.
events$.subscribe((event) => {
  if ('task' in event && event.task === 'spin') console.log(event.type);
});
const spinning = runner.execute(clocks.spin(), { grace: 50 }).subscribe();
await until('ready', 'spin');
spinning.unsubscribe();
await until('exit', 'spin');
console.log(await lastValueFrom(runner.execute(clocks.report())));

// It is nobody's success, so it's in the failures of the run.
void runner.shutdown();
await ended.catch((error: unknown) => {
  if (!(error instanceof RunnerFailedError)) throw error;
  for (const { task, error: failure } of error.failures) console.log(task, (failure as Error).name);
});

// Output:
// tick 1
// tick 2
// tick 3
// 1 closed in this thread
// start
// ready
// stopping
// overdue
// exit
// 0 closed in this thread
// spin OverdueError
