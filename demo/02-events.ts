// What happens to tasks is told in one stream of plain objects, `events$`: print it, filter it, count
// it, send it elsewhere. It is hot, never errors, and completes when the runner is down.
import { count, filter } from 'rxjs';
import { Runner, constant, formatEvent } from 'rxvisor';

let calls = 0;

async function modem(): Promise<void> {
  await Promise.resolve();
  if (++calls < 3) throw new Error(`line busy, call ${calls}`);
}

const runner = new Runner();
const { events$ } = runner;

// For people: `formatEvent` renders one as a line, `formatLifecycle()` all of them, aligned.
const time = () => '';
events$
  .pipe(filter(({ type }) => ['up', 'start', 'restart', 'exit'].includes(type)))
  .subscribe((event) => console.log(formatEvent(event, { time })));

// For programs: a union, told apart by `type`, with all that a decision needs.
events$.subscribe((event) => {
  if (event.type !== 'crash') return;
  const { task, attempt, error, restarting } = event;
  console.log('alert:', { task, attempt, restarting }, String(error));
});

// And it is an Observable like any other.
events$
  .pipe(
    filter(({ type }) => type === 'crash'),
    count(),
  )
  .subscribe((crashes) => console.log(`${crashes} crashes in all`));

runner.adopt(modem, { restart: 'on-failure', backoff: constant(5) });
await runner.run({ until: 'idle' });

// Output:
// ▲ runner  up
// ▶ modem  started
// alert: { task: 'modem', attempt: 1, restarting: true } Error: line busy, call 1
// ↻ modem  restarting in 5 ms
// ▶ modem  started, attempt 2
// alert: { task: 'modem', attempt: 2, restarting: true } Error: line busy, call 2
// ↻ modem  restarting in 5 ms
// ▶ modem  started, attempt 3
// ✔ modem  completed
// 2 crashes in all
