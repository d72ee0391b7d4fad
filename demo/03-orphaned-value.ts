// A value that nobody takes is a crash, so that nothing gets lost in silence: a task that emits while
// nobody is subscribed to it ends the runner, and `run()` rejects with all that is to be known.
import { ignoreElements, of } from 'rxjs';
import { OrphanedValueError, Runner, RunnerFailedError } from 'rxvisor';

const result$ = of({ invoice: 7, total: 120 });

const careless = new Runner();
careless.adopt(result$, { name: 'billing' });
try {
  await careless.run();
} catch (error) {
  if (!(error instanceof RunnerFailedError)) throw error;
  const { cause, failures, report } = error;
  if (cause instanceof OrphanedValueError) console.log(cause.message);
  console.log(
    `${failures.length} failure, in "${failures[0]?.task}", stopped for ${report.reason.type}`,
  );
}

// Two ways out: take the values, or say that they do not matter.
const careful = new Runner();
careful.adopt(result$, { name: 'billing' }).subscribe(({ total }) => console.log(`total ${total}`));
careful.adopt(result$.pipe(ignoreElements()), { name: 'warm-up' });
const { counts } = await careful.run({ until: 'idle' });
console.log(`${counts.completed} completed`);

// Output:
// task "billing" emitted { invoice: 7, total: 120 } and nobody is subscribed: subscribe to what adopt() returned, or pipe ignoreElements()
// 1 failure, in "billing", stopped for failure
// total 120
// 2 completed
