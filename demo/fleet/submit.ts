import { once } from 'node:events';
import { filter, firstValueFrom, from, interval, race } from 'rxjs';
import type { Runner, TaskContext } from 'rxvisor';
import { BrokerTaskBackend } from 'rxvisor/broker';
import type { Place, Work } from './work.js';

interface Desk {
  readonly jobs: number;
  /** In whose lifecycle it's told that the database is down. */
  readonly runner: Runner;
  readonly place: () => Place;
  readonly over: (deadLetters: number) => void;
}

/** Submits all the jobs, and waits until they're settled, wherever they are done. Stopped, it cancels what is left. */
export const submitAll =
  ({ jobs, runner, place, over }: Desk) =>
  async ({ ready, signal }: TaskContext): Promise<void> => {
    const stopped$ = from(once(signal, 'abort'));
    const backend = new BrokerTaskBackend<Work>({ ...place(), runner });
    await backend.initialize();
    try {
      const numbers = Array.from({ length: jobs }, (_, n) => n);
      const ids = await Promise.all(numbers.map((n) => backend.submit({ type: 'work', n })));
      ready();
      const settled$ = interval(50).pipe(filter(() => backend.inflight === 0));
      await firstValueFrom(race(settled$, stopped$));
      if (signal.aborted) await Promise.all(ids.map((id) => backend.cancel(id)));
      else over((await backend.deadLetters()).length);
    } finally {
      await backend.shutdown();
    }
  };
