// Loops instead of callbacks: `iterate` pulls a payload, which works only as fast as the loop asks; and
// rxjs-for-await turns any Observable, `events$` too, into something to loop over.
import { filter, map, take } from 'rxjs';
import { eachValueFrom } from 'rxjs-for-await';
import { Runner, type TaskContext } from 'rxvisor';

async function* pages(table: string, { onTeardown }: TaskContext) {
  onTeardown(() => console.log('cursor closed'));
  for (let page = 1; ; page++) {
    console.log(`reading page ${page}`);
    yield await Promise.resolve(`${table}: page ${page}`);
  }
}

const runner = new Runner();
void runner.run();

// True backpressure: page 3 is never read. Leaving the loop ends the execution, and waits for it.
for await (const page of runner.iterate(pages, { args: ['orders'] })) {
  console.log(page);
  if (page.endsWith('2')) break;
}

// An Observable pushes, so what it emits ahead of the loop is kept, without bound. A loop over one is
// best ended from above, with `take` or `takeUntil`: a `break` while it waits would not be heard.
const names$ = runner.events$.pipe(
  filter((event) => event.type === 'exit'),
  map(({ task, outcome }) => `${task} ${outcome}`),
  take(2),
);
runner.adopt(() => undefined, { name: 'sweep' });
runner.adopt(() => Promise.resolve(), { name: 'polish' });
for await (const name of eachValueFrom(names$)) console.log(name);

await runner.shutdown();

// Output:
// reading page 1
// orders: page 1
// reading page 2
// orders: page 2
// cursor closed
// sweep completed
// polish completed
