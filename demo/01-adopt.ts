// A task is a cold Observable, or a function. Adopted, it is in the care of a runner: started, watched
// and stopped by it. Its values go to whoever subscribes to what `adopt` returns.
import { once } from 'node:events';
import { interval, map, take } from 'rxjs';
import { Runner, type TaskContext } from 'rxvisor';

const temperature$ = interval(10).pipe(
  map((n) => 20 + n),
  take(3),
);

async function door({ signal, onTeardown }: TaskContext): Promise<void> {
  console.log('door open');
  onTeardown(() => console.log('door closed'));
  await once(signal, 'abort');
}

const runner = new Runner();
runner.adopt(door);
runner.adopt(temperature$, { name: 'thermometer' }).subscribe({
  next: (celsius) => console.log(`${celsius} °C`),
  complete: () => void runner.shutdown('measured enough'),
});

const { reason, counts } = await runner.run();
console.log(`${reason.message}: ${counts.completed} completed, ${counts.stopped} stopped`);

// Output:
// door open
// 20 °C
// 21 °C
// 22 °C
// door closed
// measured enough: 1 completed, 1 stopped
