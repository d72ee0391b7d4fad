import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  type Observable,
  filter,
  from,
  ignoreElements,
  interval,
  map,
  merge,
  take,
  tap,
} from 'rxjs';
import type { TaskContext } from 'rxvisor';
import type { Crew, Worker } from './crew.js';
import type { News, Place } from './work.js';

interface Desk {
  readonly crew: Crew;
  readonly place: () => Place;
  /** Whether it's to be killed, at the next good moment for it. */
  readonly isDue: () => boolean;
}

const PROGRAM = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** Keeps the process of a worker: ready when that does jobs; stopped, it lets it put down what it does. */
export const keepWorker =
  (worker: Worker, { crew, place, isDue }: Desk) =>
  ({ ready, onTeardown }: TaskContext): Observable<never> => {
    const child = fork(PROGRAM, {
      env: { ...process.env, FLEET_PLACE: JSON.stringify(place()) },
    });
    worker.pid = child.pid;
    // Until it has said something it doesn't hear anything either.
    const heard = new Promise((resolve) => child.once('message', resolve));
    child.on('message', (news: News) => {
      if (news.type === 'ready') ready();
      else if (news.type === 'begun') worker.running.set(news.n, news.at);
      else crew.didOne(worker, news.n);
    });
    const gone = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
    // If there's no time for a teardown; before its database is gone, too.
    const atExit = () => child.kill('SIGKILL');
    process.prependOnceListener('exit', atExit);
    onTeardown(async () => {
      await Promise.race([heard, gone]);
      if (child.connected) child.send('stop', () => undefined);
      await gone;
      process.off('exit', atExit);
    });
    const dies$ = from(gone).pipe(
      map(([code, signal]): never => {
        const end = signal ? `killed by ${signal}` : `exit code ${code}`;
        worker.gone(end);
        throw new Error(end);
      }),
    );
    const killed$ = interval(20).pipe(
      filter(() => isDue() && worker.isInTheMiddle),
      take(1),
      tap(() => child.kill('SIGKILL')),
      ignoreElements(),
    );
    return merge(dies$, killed$);
  };
